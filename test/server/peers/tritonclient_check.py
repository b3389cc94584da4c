"""Asks a running server with tritonclient[http], as its documentation shows, and prints what came back as one JSON object.

usage: tritonclient_check.py HOST:PORT KEY
"""

import json
import sys

import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

address, key = sys.argv[1:]
client = http.InferenceServerClient(address)
texts = np.array(["where is my new card?".encode(), "怎么办".encode(), b"Thank you, that was quick!"], dtype=np.object_)


def headers():
    """New ones for each call, as the client adds its own to those that it is given."""
    return {"Authorization": f"Bearer {key}"}


def tensor(name, binary):
    given = http.InferInput(name, [len(texts)], "BYTES")
    given.set_data_from_numpy(texts, binary_data=binary)
    return given


def plain(result, name):
    array = result.as_numpy(name)
    values = [value.decode() if isinstance(value, bytes) else value for value in array.flatten().tolist()]
    return {"shape": list(array.shape), "values": values}


def outputs_of(result):
    return {output["name"]: plain(result, output["name"]) for output in result.get_response()["outputs"]}


def failure(ask):
    try:
        ask()
    except InferenceServerException as reason:
        return {"status": reason.status(), "message": reason.message()}
    return None


def infer(binary_in, outputs, **more):
    return client.infer("intent", [tensor("text", binary_in)], outputs=outputs, headers=headers(), **more)


metadata = client.get_model_metadata("intent", headers=headers())
version = metadata["versions"][0]
in_json = infer(False, [http.InferRequestedOutput(name, binary_data=False) for name in ("label", "confidence", "scores")])
in_binary = infer(True, None, request_id="batch 7", model_version=version)
mixed = infer(
    True,
    [http.InferRequestedOutput("scores", binary_data=True), http.InferRequestedOutput("label", binary_data=False)],
    request_compression_algorithm="gzip",
    response_compression_algorithm="gzip",
)
pairs = client.infer("similarity", [tensor("text", True), tensor("other", False)], headers=headers())
handles = [client.async_infer("embeddings", [tensor("text", True)], headers=headers()) for _ in range(3)]
vectors = [handle.get_result().as_numpy("embedding") for handle in handles]

print(
    json.dumps(
        {
            "live": client.is_server_live(),
            "ready": client.is_server_ready(),
            "server": client.get_server_metadata(headers=headers()),
            "modelReady": client.is_model_ready("intent", version, headers=headers()),
            "otherReady": client.is_model_ready("nothing", headers=headers()),
            "metadata": metadata,
            "json": outputs_of(in_json),
            "binary": outputs_of(in_binary),
            "id": in_binary.get_response()["id"],
            "mixed": outputs_of(mixed),
            "similarity": plain(pairs, "similarity"),
            "embeddings": {
                "shape": list(vectors[0].shape),
                "same": all(np.array_equal(vectors[0], other) for other in vectors),
                "norms": np.linalg.norm(vectors[0], axis=1).tolist(),
            },
            "unknown": failure(lambda: client.infer("nothing", [tensor("text", True)], headers=headers())),
            "nobody": failure(lambda: client.get_model_metadata("intent")),
            "wrong": failure(lambda: client.infer("intent", [tensor("image", True)], headers=headers())),
        }
    )
)
