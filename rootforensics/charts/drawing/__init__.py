"""What charts share: time from left to right, rows, bars, labels, colors, and the figure as SVG."""
