"""The floor of the door: a Flask endpoint that reads a body and forgets it, under the receiver's own gunicorn."""

from gevent import monkey

monkey.patch_all()

from flask import Flask, Response, request  # noqa: E402

from hookrouter.config.settings import read_settings  # noqa: E402
from hookrouter.configuration import read_config  # noqa: E402
from hookrouter.web.server import Receiver  # noqa: E402


class BareReceiver(Receiver):
    """The receiver's options with nothing behind them."""

    def load(self) -> Flask:
        """The bare application."""
        app = Flask("bare", static_folder=None)

        @app.post("/<path:anywhere>")
        def push(anywhere: str) -> Response:  # noqa: ARG001 - the route names it
            request.get_data()
            return Response(status=204)

        @app.get("/healthz")
        def lives() -> Response:
            return Response("ok\n")

        return app


if __name__ == "__main__":
    settings = read_settings()
    BareReceiver(settings, read_config(settings).receiver).run()
