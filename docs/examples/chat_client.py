"""A client of bursar.v1 in Python: a ticket, one socket, an outbox, resume.

    pip install websockets
    python chat_client.py http://127.0.0.1:8080 "What is the late payment fee?"

Prints each answer with its sources. Nothing that was acknowledged is lost, and nothing is sent twice: commands keep their id
until the server has acknowledged them, whatever happens to the connection in between.
"""

import asyncio
import json
import random
import secrets
import sys
import time
import urllib.error
import urllib.request

import websockets

STAY_AWAY = {1000, 1003, 1005, 1007, 1009, 4400, 4403, 4406, 4409, 4410}
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid():
    value = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return "".join(CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))


class Chat:
    def __init__(self, server, on_answer):
        self.server, self.on_answer = server, on_answer
        self.instance = secrets.token_hex(8)
        self.known = {}  # conv and secret, once there is a conversation
        self.epoch, self.last = "", 0  # where this client stands in its log
        self.outbox = {}  # commands that were not acknowledged, by id, in order
        self.socket = None
        self.attempt = 0  # losses in a row

    def ticket(self):
        body = json.dumps({"role": "customer", **self.known}).encode()
        request = urllib.request.Request(f"{self.server}/v1/tickets", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=15) as response:
            return json.load(response)

    async def send(self, text):
        command = {"t": "msg.send", "id": ulid(), "d": {"text": text}}
        self.outbox[command["id"]] = command
        if self.socket:
            await self.write(command)

    async def write(self, command):
        try:
            await self.socket.send(json.dumps({**command, "conv": self.known["conv"]}))
        except websockets.ConnectionClosed:
            pass  # it stays in the outbox

    async def run(self):
        """Stay connected until the server says to stay away."""
        while True:
            code = None
            try:
                ticket = await asyncio.to_thread(self.ticket)
                self.known = {"conv": ticket["conv"], "secret": ticket["secret"]}
                address = self.server.replace("http", "ws", 1) + "/v1/socket"
                async with websockets.connect(address, subprotocols=["bursar.v1"], compression=None) as self.socket:
                    try:
                        await self.talk(ticket["ticket"])
                    finally:
                        await self.socket.wait_closed()
                        code = self.socket.close_code
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code != 429:
                    raise  # asking again is no use
            except (OSError, websockets.WebSocketException):
                pass
            finally:
                self.socket = None
            if code in STAY_AWAY:
                return
            await asyncio.sleep(random.random() * min(20, 0.5 * 2**self.attempt))
            self.attempt += 1

    async def talk(self, ticket):
        client = {"name": "python", "ver": "1.0.0", "instance": self.instance}
        hello = {"t": "hello", "ticket": ticket, "client": client}
        if self.epoch:
            hello["resume"] = {"conv": self.known["conv"], "epoch": self.epoch, "after": self.last}
        await self.socket.send(json.dumps(hello))
        for command in list(self.outbox.values()):
            await self.write(command)  # frames are taken in order: no need to wait for the welcome
        async for text in self.socket:
            await self.receive(json.loads(text))

    async def receive(self, frame):
        kind = frame["t"]
        if kind == "ping":
            await self.socket.send(json.dumps({"t": "pong", "ts": frame["ts"]}))
        elif kind == "welcome":
            self.attempt = 0
            if frame["resume"] == "fresh":
                self.epoch = frame["epoch"]
        elif kind == "live":
            self.epoch = frame["epoch"]
        elif kind == "ack":
            self.outbox.pop(frame["re"], None)
        elif kind == "err" and not frame["temporary"]:
            if self.outbox.pop(frame.get("re"), None):
                self.on_answer({"mid": frame["re"], "text": f"refused: {frame['msg']}", "cites": []})
        elif kind == "err" and frame.get("re") in self.outbox:
            await asyncio.sleep(frame.get("retryAfterMs", 2000) / 1000)
            await self.write(self.outbox[frame["re"]])
        elif kind == "snapshot":
            self.epoch, self.last = frame["epoch"], frame["head"]
            for message in frame["d"]["messages"]:
                if "completed" in message:
                    self.on_answer(message["completed"])
        elif frame.get("seq") == self.last + 1:  # a smaller one was seen before
            self.last += 1
            if kind == "msg.completed":
                self.on_answer(frame["d"])
        elif frame.get("seq", 0) > self.last + 1:
            resume = {"t": "resume", "id": ulid(), "d": {"epoch": self.epoch, "after": self.last}}
            await self.write(resume)


def show(answer):
    print(answer["text"], flush=True)
    for cite in answer["cites"]:
        print(f"  [{cite['k']}] {cite['title']}, version {cite['ver']}", flush=True)


async def main(server, questions):
    seen, answered = set(), asyncio.Queue()

    def on_answer(answer):
        if answer["mid"] not in seen:  # a snapshot may tell of it again
            seen.add(answer["mid"])
            show(answer)
            answered.put_nowait(answer)

    chat = Chat(server, on_answer)
    running = asyncio.create_task(chat.run())
    lines = iter(questions) if questions else iter(sys.stdin.readline, "")
    while (line := await asyncio.to_thread(next, lines, None)) is not None:
        await chat.send(line.strip())
        await asyncio.wait({asyncio.create_task(answered.get()), running}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            return await running
    running.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1].rstrip("/"), sys.argv[2:]))
