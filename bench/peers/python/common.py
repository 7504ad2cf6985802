"""What the contenders in Python have in common: see package contender."""

import gc
import json
import sys
import time


class Subject:
    """Does the work: right(n) and each of wrong tell what was accepted."""

    def __init__(self, right, wrong, renew=None):
        self.right, self.wrong, self.renew = right, wrong, renew

    def prove(self):
        if not self.right(0):
            raise SystemExit("what is right is refused")
        if self.renew and self.right(0):
            raise SystemExit("a nonce is accepted twice")
        if not self.wrong:
            raise SystemExit("there is nothing wrong to refuse")
        for number, wrong in enumerate(self.wrong):
            if wrong():
                raise SystemExit(f"wrong request {number} is accepted")

    def batches(self, batch, least):
        """Work until it took least seconds of processor time."""
        taken, count = 0, 0
        while taken < least * 1e9 or not count:
            if self.renew:
                self.renew()
            began = time.process_time_ns()
            for n in range(batch):
                if not self.right(n):
                    raise SystemExit(f"request {n} is refused")
            taken += time.process_time_ns() - began
            count += batch
        return taken, count


def signed(turn, verify, renew):
    """The subject that verifies the signed requests of a turn."""
    right = [prepared(r) for r in turn["right"]]
    wrong = [prepared(r) for r in turn["wrong"]]
    return Subject(lambda n: verify(*right[n]), [lambda w=w: verify(*w) for w in wrong], renew)


def prepared(request):
    headers = {"Authorization": request["authorization"]}
    if request["content_type"]:
        headers["Content-Type"] = request["content_type"]
    return request["url"], request["method"], request["body"] or None, headers


def main(makers):
    turn = json.load(sys.stdin)
    if turn["work"] not in makers:
        raise SystemExit(f"this program does not do {turn['work']}")
    subject = makers[turn["work"]](turn)
    subject.prove()
    batch = len(turn["right"] or []) or 256
    subject.batches(batch, turn["warm"])
    gc.collect()
    taken, count = subject.batches(batch, turn["take"])
    print(json.dumps({"ns": taken / count, "allocs": None, "count": count}))
