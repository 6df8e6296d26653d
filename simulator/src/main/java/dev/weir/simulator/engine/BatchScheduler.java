// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.engine;

import dev.weir.simulator.engine.EngineStep.Emission;
import dev.weir.simulator.engine.Sequence.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;

/// Continuous batching with chunked prefill in simulated time, as in vLLM's V1 scheduler.
///
/// **One step.** Every decoding sequence uses one token of the step's budget. The rest goes to
/// prompts, first come first served, whole or in chunks, while the batch (`maxSequences`) and the
/// KV cache have capacity. A step takes
///
///     host 1.5 ms + base + perSeq x batch + per1k x kv/1000 + sum over chunks of prefill(from, to)
///
/// where `base` is the larger of the decode base and the prefill base (the weights are read once
/// for both). A prefill therefore delays the tokens of all sequences in the batch.
///
/// **Before the queue** a request spends 15.6 ms on the host (HTTP, template, tokenizer,
/// hand-over).
///
/// **Sources of the overheads.** 1 to 2 ms per step: kernel times of 6.2 to 7 ms against 8.1 to 9.0
/// ms measured for the 8B model on H100. 15.6 ms per request: inference-sim/inference-sim defaults
/// (fitted to real vLLM servers), in the 15 to 20 ms inferred from the same measured table.
///
/// **Speed factors.** A request's first-token factor stretches host overhead and its own prefill;
/// the additional time is spent before the queue, so that it does not slow other requests. With
/// inter-token factor `f` it advances `1/f` tokens per step. Each token is emitted at its fraction
/// of the step; at `f = 1` that is the end of the step.
///
/// **KV cache.** Blocks of 16 tokens, allocated as a sequence grows. When no block is free, the
/// youngest sequence is preempted and recomputed later.
///
/// Pure: reads no clock and starts no thread. Not thread-safe; confined to the caller's event loop.
public final class BatchScheduler {
  /// Host time of one step at time scale 1.
  public static final double STEP_HOST_MILLIS = 1.5;

  /// Host time of one request before it can be scheduled, at time scale 1.
  public static final double REQUEST_HOST_MILLIS = 15.6;

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double ALMOST = 1e-9;

  private final EngineProfile profile;
  private final EngineLimits limits;
  private final PriorityQueue<Sequence> arriving =
      new PriorityQueue<>(
          Comparator.comparingLong((Sequence s) -> s.eligibleAtNanos)
              .thenComparingLong(s -> s.ticket));
  private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();
  private final ArrayList<Sequence> running = new ArrayList<>();
  private int usedBlocks;
  private long preemptions;
  private long tickets;

  public BatchScheduler(EngineProfile profile, EngineLimits limits) {
    this.profile = profile;
    this.limits = limits;
  }

  /// Accepts a request; returns false if too many requests wait. The caller's context limit ensures
  /// that prompt and answer fit into the KV cache.
  public boolean submit(Sequence sequence, long nowNanos) {
    if (arriving.size() + waiting.size() >= limits.maxWaiting()) {
      return false;
    }
    sequence.eligibleAtNanos = nowNanos + scaled(hostMillis(sequence));
    sequence.ticket = tickets++;
    arriving.add(sequence);
    return true;
  }

  private double hostMillis(Sequence sequence) {
    double prefill =
        profile.prefillBaseMillis() + profile.prefillMillis(0, sequence.promptTokens());
    double millis = sequence.speedFactor().firstToken() * (REQUEST_HOST_MILLIS + prefill);
    return Math.max(0, millis - prefill);
  }

  /// Removes a sequence, finished or not; its pending emissions become invalid.
  public void remove(Sequence sequence) {
    switch (sequence.state) {
      case ARRIVING -> arriving.remove(sequence);
      case WAITING -> waiting.remove(sequence);
      case PREFILL, DECODE -> running.remove(sequence);
      case GONE -> {}
    }
    release(sequence);
    sequence.state = State.GONE;
  }

  /// When the next arriving request becomes eligible.
  public OptionalLong nextArrivalNanos() {
    Sequence next = arriving.peek();
    return next == null ? OptionalLong.empty() : OptionalLong.of(next.eligibleAtNanos);
  }

  /// Starts the step at `nowNanos`; empty if there is nothing to compute. The caller delivers its
  /// emissions and calls again at its end.
  public Optional<EngineStep> nextStep(long nowNanos) {
    arrive(nowNanos);
    reserveForDecode();
    List<Sequence> decoding = running.stream().filter(s -> s.state == State.DECODE).toList();
    int budget = limits.maxBatchedTokens() - decoding.size();
    List<Chunk> chunks = planPrefill(budget, nowNanos);
    if (decoding.isEmpty() && chunks.isEmpty()) {
      return Optional.empty();
    }
    long end = nowNanos + scaled(stepMillis(decoding, chunks));
    int tokens = decoding.size() + chunks.stream().mapToInt(chunk -> chunk.to - chunk.from).sum();
    return Optional.of(
        new EngineStep(nowNanos, end, tokens, advance(decoding, chunks, nowNanos, end)));
  }

  private void arrive(long nowNanos) {
    while (!arriving.isEmpty() && arriving.element().eligibleAtNanos <= nowNanos) {
      Sequence sequence = arriving.remove();
      sequence.state = State.WAITING;
      waiting.add(sequence);
    }
  }

  /// Allocates the blocks for the tokens of this step to every decoding sequence; preempts the
  /// youngest while blocks are missing.
  private void reserveForDecode() {
    for (int index = 0; index < running.size(); index++) {
      Sequence sequence = running.get(index);
      int reach = (int) Math.ceil(1 / sequence.speedFactor().interToken());
      while (sequence.state == State.DECODE
          && !reserve(sequence, sequence.contextTokens() + reach)) {
        preempt(running.getLast());
      }
    }
  }

  private void preempt(Sequence youngest) {
    running.removeLast();
    release(youngest);
    youngest.computed = 0;
    youngest.state = State.WAITING;
    waiting.addFirst(youngest);
    preemptions++;
  }

  private record Chunk(Sequence sequence, int from, int to) {
    boolean completes() {
      return to == sequence.contextTokens();
    }
  }

  private List<Chunk> planPrefill(int tokenBudget, long nowNanos) {
    List<Chunk> chunks = new ArrayList<>();
    int budget = tokenBudget;
    for (Sequence sequence : running) {
      if (sequence.state == State.PREFILL && budget > 0) {
        budget -= addChunk(sequence, budget, chunks);
      }
    }
    while (budget > 0 && running.size() < limits.maxSequences() && !waiting.isEmpty()) {
      Sequence sequence = waiting.element();
      if (!reserve(sequence, sequence.contextTokens() + 1)) {
        break;
      }
      waiting.remove();
      running.add(sequence);
      sequence.state = State.PREFILL;
      if (sequence.scheduledAtNanos < 0) {
        sequence.scheduledAtNanos = nowNanos;
      }
      budget -= addChunk(sequence, budget, chunks);
    }
    return chunks;
  }

  private static int addChunk(Sequence sequence, int budget, List<Chunk> chunks) {
    int to = Math.min(sequence.contextTokens(), sequence.computed + budget);
    chunks.add(new Chunk(sequence, sequence.computed, to));
    return to - sequence.computed;
  }

  private double stepMillis(List<Sequence> decoding, List<Chunk> chunks) {
    double decodeBase = decoding.isEmpty() ? 0 : profile.decodeBaseMillis();
    double prefillBase = chunks.isEmpty() ? 0 : profile.prefillBaseMillis();
    long kvTokens = decoding.stream().mapToLong(Sequence::contextTokens).sum();
    double millis = STEP_HOST_MILLIS + Math.max(decodeBase, prefillBase);
    millis += profile.decodeMillis(decoding.size(), kvTokens);
    for (Chunk chunk : chunks) {
      millis += profile.prefillMillis(chunk.from, chunk.to);
    }
    return millis;
  }

  private static List<Emission> advance(
      List<Sequence> decoding, List<Chunk> chunks, long start, long end) {
    List<Emission> emissions = new ArrayList<>();
    for (Sequence sequence : decoding) {
      decode(sequence, start, end, emissions);
    }
    emissions.sort(Comparator.comparingLong(Emission::atNanos));
    for (Chunk chunk : chunks) {
      Sequence sequence = chunk.sequence;
      boolean completes = chunk.completes();
      sequence.computed = chunk.to;
      if (completes) {
        sequence.state = State.DECODE;
        emissions.add(emit(sequence, end));
      }
    }
    return emissions;
  }

  private static void decode(Sequence sequence, long start, long end, List<Emission> emissions) {
    double rate = 1 / sequence.speedFactor().interToken();
    double reached = sequence.progress + rate;
    double token = 1;
    for (; token <= reached + ALMOST && sequence.generated < sequence.newTokens(); token++) {
      double fraction = Math.min(1, (token - sequence.progress) / rate);
      emissions.add(emit(sequence, start + Math.round(fraction * (end - start))));
    }
    sequence.progress = Math.max(0, reached - (token - 1));
  }

  private static Emission emit(Sequence sequence, long atNanos) {
    int index = sequence.generated++;
    return new Emission(atNanos, sequence, index, sequence.generated == sequence.newTokens());
  }

  private boolean reserve(Sequence sequence, int tokens) {
    int maxTokens = sequence.promptTokens() + sequence.newTokens();
    int needed = Math.ceilDiv(Math.min(tokens, maxTokens), EngineProfile.BLOCK_TOKENS);
    int more = Math.max(0, needed - sequence.blocks);
    if (usedBlocks + more > profile.kvBlocks()) {
      return false;
    }
    usedBlocks += more;
    sequence.blocks += more;
    return true;
  }

  private void release(Sequence sequence) {
    usedBlocks -= sequence.blocks;
    sequence.blocks = 0;
  }

  private long scaled(double millis) {
    return Math.round(millis * NANOS_PER_MILLI / limits.timeScale());
  }

  /// Sequences in the batch.
  public int runningCount() {
    return running.size();
  }

  /// Waiting sequences, including those in host processing.
  public int waitingCount() {
    return waiting.size() + arriving.size();
  }

  /// Share of the KV cache in use, 0 to 1.
  public double kvUsage() {
    return (double) usedBlocks / profile.kvBlocks();
  }

  /// The number of preemptions.
  public long preemptions() {
    return preemptions;
  }
}
