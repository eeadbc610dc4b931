"""Charts: Vega-Lite specifications of figures, drawn here as SVG. No script in a page, and nothing from elsewhere."""
