"""Where pushes are kept on this machine's disk while Redis is away."""
