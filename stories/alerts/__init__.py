"""What the server says by itself: alerts, reports by mail, and notes on charts."""
