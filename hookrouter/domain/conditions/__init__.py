"""What a route may ask of a changed lead."""
