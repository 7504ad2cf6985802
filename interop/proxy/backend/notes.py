"""A JSON API as a service has it: each user's notes. It trusts the proxy for
who calls, and has no code of OAuth. Run as: notes.py PORT"""

import itertools
import sys

import waitress
from flask import Flask, abort, request
from werkzeug.exceptions import HTTPException

app = Flask(__name__)
notes = {}  # by number: user and text
numbers = itertools.count(1)


def user():
    return request.headers.get("X-OAuth-User-Id") or abort(403)


def own(number):
    note = notes.get(number)
    if note is None or note["user"] != user():
        abort(404)
    return note


def shown(number):
    return {"id": number, "text": notes[number]["text"]}


@app.get("/api/health")
def health():
    return {"status": "fine", "knows": [name for name in request.headers.keys() if name.startswith("X-Oauth-")]}


@app.get("/api/notes")
def index():
    return {"notes": [shown(number) for number, note in notes.items() if note["user"] == user()]}


@app.post("/api/notes")
def create():
    text = request.form.get("text") or request.get_json()["text"]  # a page posts forms, an app JSON
    number = next(numbers)
    notes[number] = {"user": user(), "text": text}
    return shown(number), 201, {"Location": f"/api/notes/{number}"}


@app.get("/api/notes/<int:number>")
def read(number):
    own(number)
    return shown(number)


@app.put("/api/notes/<int:number>")
def change(number):
    own(number)["text"] = request.get_json()["text"]
    return shown(number)


@app.delete("/api/notes/<int:number>")
def delete(number):
    own(number)
    del notes[number]
    return "", 204


@app.errorhandler(HTTPException)
def explain(error):
    return {"error": error.name}, error.code


if __name__ == "__main__":
    waitress.serve(app, host="127.0.0.1", port=int(sys.argv[1]))
