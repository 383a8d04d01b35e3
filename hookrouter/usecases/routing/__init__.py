"""The route stage: what waits in the intake, judged and handed to its sinks."""
