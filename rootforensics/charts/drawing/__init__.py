"""What charts share: time from left to right, lanes, bars, labels, colors, and the figure as SVG."""
