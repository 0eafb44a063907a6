"""What charts share: time from left to right, lanes, bars, labels, colours, and the figure as SVG."""
