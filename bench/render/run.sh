#!/bin/sh
# Figures of Go's own engine, on the templates that kv_render was measured with:  bench/render/run.sh
cd "$(dirname "$0")" && go run . templates.txt
