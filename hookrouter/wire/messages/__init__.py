"""What sinks say: templates in their sandbox, and the ways in which texts are written."""
