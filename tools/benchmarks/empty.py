"""The least that Flask and gunicorn do for a request: read its body and say that all is well."""

from __future__ import annotations

from flask import Flask, Response, request

from app import app as ours

app = Flask(__name__)
app.extensions["stories"] = ours.extensions["stories"]  # gunicorn's hooks are the app's


@app.get("/health")
@app.post("/crash")
def answer() -> Response:
    request.get_data()
    return Response(b'{"success":true}', mimetype="application/json")
