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

/// Continuous batching with chunked prefill, as vLLM's V1 scheduler does it, in simulated time.
///
/// **One step.** Every sequence that decodes gives one token of the step's budget; what is left goes to
/// prompts, first come first served, whole or in chunks, as long as there is a seat
/// (`maxSequences`) and KV cache. A step takes
///
///     host 1.5 ms + base + perSeq x batch + per1k x kv/1000 + sum over chunks of prefill(from, to)
///
/// where `base` is the larger of the decode base and the prefill base (the weights are read once for
/// both). So a prompt that is prefilled delays the tokens of everybody in the batch.
///
/// **Before the queue** a request spends 15.6 ms in the host (HTTP, template, tokenizer, hand-over).
///
/// **Sources of the overheads.** 1 to 2 ms a step: kernel times of 6.2 to 7 ms against 8.1 to 9.0 ms
/// measured for the 8B model on H100. 15.6 ms a request: inference-sim/inference-sim defaults (fitted
/// to real vLLM servers), in the 15 to 20 ms inferred from the same measured table.
///
/// **Pace.** A request's first-token factor stretches host overhead + its own prefill, spent before the
/// queue so that others are not slowed. Its inter-token factor `f` lets it advance `1/f` tokens a step,
/// each emitted at the moment inside the step when it is reached; at `f = 1` that is the end.
///
/// **KV cache.** Blocks of 16 tokens, taken as a sequence grows. When none is left, the youngest
/// sequence is preempted and recomputed later.
///
/// Pure: reads no clock, starts no thread. Not thread-safe; confined to the caller's loop.
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

  /// Takes a request in, or says that too many wait already. The prompt and its answer must fit
  /// into the KV cache: the caller's context limit sees to it.
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
    double wanted = sequence.speedFactor().firstToken() * (REQUEST_HOST_MILLIS + prefill);
    return Math.max(0, wanted - prefill);
  }

  /// Removes a sequence, finished or not; its emissions still to come are no longer valid.
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

  /// When the next request becomes eligible, if any is on its way.
  public OptionalLong nextArrivalNanos() {
    Sequence next = arriving.peek();
    return next == null ? OptionalLong.empty() : OptionalLong.of(next.eligibleAtNanos);
  }

  /// Starts the step that begins at `nowNanos`, or nothing when there is nothing to compute. The
  /// caller delivers its emissions and calls again at its end.
  public Optional<EngineStep> nextStep(long nowNanos) {
    arrive(nowNanos);
    makeRoomToGrow();
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

  /// Gives every decoding sequence the blocks for the tokens of this step, preempting the youngest
  /// while there are too few.
  private void makeRoomToGrow() {
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
    int most = sequence.promptTokens() + sequence.newTokens();
    int needed = Math.ceilDiv(Math.min(tokens, most), EngineProfile.BLOCK_TOKENS);
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

  /// Sequences that wait for a seat, those still in the host's hands included.
  public int waitingCount() {
    return waiting.size() + arriving.size();
  }

  /// Share of the KV cache in use, 0 to 1.
  public double kvUsage() {
    return (double) usedBlocks / profile.kvBlocks();
  }

  /// How often a sequence lost its place to the growth of others.
  public long preemptions() {
    return preemptions;
  }
}
