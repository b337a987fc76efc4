# Starts llama.cpp's own HTTP server, which the package xllamacpp carries, on a free port of the loopback interface.
# Usage: python llamaServer.py FOLDER_OF_PACKAGE MODEL.gguf NAME SLOTS TOKENS_PER_SLOT THREADS
# Prints the address when it listens, logs to stderr, and ends with its standard input.
import os
import sys

folder, model, name, slots, context, threads = sys.argv[1:]
sys.path.insert(0, folder)
import xllamacpp  # noqa: E402 (found only now)

params = xllamacpp.CommonParams()
params.model.path = model
params.model_alias = {name}
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_parallel = int(slots)
params.n_ctx = int(slots) * int(context)
params.cpuparams.n_threads = int(threads)
params.cpuparams_batch.n_threads = int(threads)
# A prompt that is read in one piece and one that is read behind a kept beginning differ in their last bits,
# and then in their samples: without it a seed means one text.
params.cache_prompt = False
params.endpoint_metrics = True
params.endpoint_slots = True
params.ui = False

server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
# Its threads have nothing to save.
os._exit(0)
