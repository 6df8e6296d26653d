#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The rows of docs/internals/release-ramp.md: rows.sh PROGRAM [RUNS].
set -e
run="$1 runs=${2:-400}"
for rate in 1 5 10 40 200; do
  for noise in 0 .10 .25; do $run rate=$rate noise=$noise; done
done
for rate in 5 10 40 200; do $run rate=$rate skip=0; done
for rate in 5 40 200; do $run rate=$rate noise=.25 correlation=240; done
for rate in 5 40 200; do $run rate=$rate noise=.25 base=1; done
for rate in 5 40 200; do $run rate=$rate noise=.10 base=1; done
$run rate=40 noise=.25 canary=2 base=2
for rate in 5 40 200; do
  $run rate=$rate noise=.10 error=1
  $run rate=$rate noise=.10 error=.10
  $run rate=$rate noise=.10 error=.02
  $run rate=$rate noise=.10 ttft=2
done
for noise in 0 .10 .25; do $run rate=10 noise=$noise ttft=1.25; done
for noise in 0 .10; do $run rate=10 noise=$noise itl=1.25; done
$run rate=10 error=.015
