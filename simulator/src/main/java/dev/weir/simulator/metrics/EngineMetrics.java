// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.metrics;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// vLLM's metrics with vLLM's names, types, labels and buckets (vllm/v1/metrics/loggers.py of about
/// 0.16, Apache-2.0). Contains only metrics that this engine measures: no prefix cache, LoRA or
/// speculative decoding series. Confined to one thread.
public final class EngineMetrics {
  private static final double[] TTFT_SECONDS = {
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
    80, 160, 640, 2560
  };
  private static final double[] TOKEN_SECONDS = {
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80
  };
  private static final double[] REQUEST_SECONDS = {
    0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680
  };
  private static final double[] STEP_TOKENS = {
    1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384
  };
  private static final double[] CHOICES = {1, 2, 5, 10, 20};
  private static final double NANOS = 1e9;

  /// Why a request left the engine, vLLM's `finished_reason`.
  public enum Finished {
    STOP,
    LENGTH,
    ABORT,
    ERROR
  }

  /// The gauges at the moment of a scrape.
  ///
  /// @param running sequences in the batch
  /// @param waiting sequences waiting
  /// @param kvUsage 0 to 1
  /// @param preemptions since start
  public record Gauges(int running, int waiting, double kvUsage, long preemptions) {}

  /// The parameters of a request.
  ///
  /// @param promptTokens tokens of its prompt
  /// @param maxTokens maximum number of new tokens
  /// @param choices its `n`
  public record Asked(int promptTokens, int maxTokens, int choices) {}

  /// The timestamps of one sequence, in nanoseconds of one clock.
  ///
  /// @param arrived accepted
  /// @param queued added to the queue
  /// @param scheduled first added to the batch
  /// @param firstToken first token out
  /// @param lastToken last token out
  public record Times(long arrived, long queued, long scheduled, long firstToken, long lastToken) {}

  private final String labels;
  private final int kvBlocks;
  private final Map<Finished, Long> finished = new EnumMap<>(Finished.class);
  private final PromHistogram promptTokens;
  private final PromHistogram generatedTokens;
  private final PromHistogram maxGeneratedTokens;
  private final PromHistogram paramMaxTokens;
  private final PromHistogram paramN = new PromHistogram(CHOICES);
  private final PromHistogram stepTokens = new PromHistogram(STEP_TOKENS);
  private final PromHistogram timeToFirstToken = new PromHistogram(TTFT_SECONDS);
  private final PromHistogram interToken = new PromHistogram(TOKEN_SECONDS);
  private final PromHistogram perOutputToken = new PromHistogram(TOKEN_SECONDS);
  private final PromHistogram endToEnd = new PromHistogram(REQUEST_SECONDS);
  private final PromHistogram queue = new PromHistogram(REQUEST_SECONDS);
  private final PromHistogram inference = new PromHistogram(REQUEST_SECONDS);
  private final PromHistogram prefill = new PromHistogram(REQUEST_SECONDS);
  private final PromHistogram decode = new PromHistogram(REQUEST_SECONDS);
  private long promptTokensTotal;
  private long generationTokensTotal;

  public EngineMetrics(String model, int maxModelLen, int kvBlocks) {
    this.labels = "engine=\"0\",model_name=\"" + PromText.escape(model) + '"';
    this.kvBlocks = kvBlocks;
    this.promptTokens = PromHistogram.oneTwoFive(maxModelLen);
    this.generatedTokens = PromHistogram.oneTwoFive(maxModelLen);
    this.maxGeneratedTokens = PromHistogram.oneTwoFive(maxModelLen);
    this.paramMaxTokens = PromHistogram.oneTwoFive(maxModelLen);
    for (Finished reason : Finished.values()) {
      finished.put(reason, 0L);
    }
  }

  public void step(int tokens) {
    stepTokens.observe(tokens);
  }

  public void firstToken(int prompt, long sinceArrivalNanos) {
    promptTokensTotal += prompt;
    timeToFirstToken.observe(sinceArrivalNanos / NANOS);
  }

  public void token() {
    generationTokensTotal++;
  }

  public void interToken(long nanos) {
    interToken.observe(nanos / NANOS);
  }

  /// Records the end of a sequence that generated at least one token.
  public void finished(Finished reason, Asked parameters, int generated, Times times) {
    finished.merge(reason, 1L, Long::sum);
    promptTokens.observe(parameters.promptTokens());
    generatedTokens.observe(generated);
    maxGeneratedTokens.observe(generated);
    paramMaxTokens.observe(parameters.maxTokens());
    paramN.observe(parameters.choices());
    endToEnd.observe((times.lastToken() - times.arrived()) / NANOS);
    queue.observe(Math.max(0, times.scheduled() - times.queued()) / NANOS);
    inference.observe((times.lastToken() - times.scheduled()) / NANOS);
    prefill.observe((times.firstToken() - times.scheduled()) / NANOS);
    long decoding = times.lastToken() - times.firstToken();
    decode.observe(decoding / NANOS);
    if (generated > 1) {
      perOutputToken.observe(decoding / NANOS / (generated - 1));
    }
  }

  /// Records the end of a sequence without tokens.
  public void finishedEarly(Finished reason) {
    finished.merge(reason, 1L, Long::sum);
  }

  public long count(Finished reason) {
    return finished.getOrDefault(reason, 0L);
  }

  /// The complete metrics page.
  public String render(Gauges now) {
    StringBuilder out = new StringBuilder(16_384);
    one(
        "num_requests_running",
        "gauge",
        "Number of requests in model execution batches.",
        now.running(),
        out);
    one(
        "num_requests_waiting",
        "gauge",
        "Number of requests waiting to be processed.",
        now.waiting(),
        out);
    one(
        "kv_cache_usage_perc",
        "gauge",
        "KV-cache usage. 1 means 100 percent usage.",
        now.kvUsage(),
        out);
    PromText.header(
        "vllm:cache_config_info", "gauge", "Information of the LLMEngine CacheConfig", out);
    PromText.sample("vllm:cache_config_info", cacheConfigLabels(), 1, out);
    one(
        "num_preemptions_total",
        "counter",
        "Cumulative number of preemption from the engine.",
        (double) now.preemptions(),
        out);
    one(
        "prompt_tokens_total",
        "counter",
        "Number of prefill tokens processed.",
        (double) promptTokensTotal,
        out);
    one(
        "generation_tokens_total",
        "counter",
        "Number of generation tokens processed.",
        (double) generationTokensTotal,
        out);
    renderFinished(out);
    renderHistograms(out);
    return out.toString();
  }

  private String cacheConfigLabels() {
    return "block_size=\"16\",engine=\"0\",num_gpu_blocks=\"" + kvBlocks + '"';
  }

  private void renderFinished(StringBuilder out) {
    String name = "vllm:request_success_total";
    PromText.header(name, "counter", "Count of successfully processed requests.", out);
    finished.forEach((reason, count) ->
        PromText.sample(
            name,
            "engine=\"0\",finished_reason=\""
                + reason.name().toLowerCase(Locale.ROOT)
                + "\","
                + labels.substring(labels.indexOf(',') + 1),
            count,
            out));
  }

  private void renderHistograms(StringBuilder out) {
    histogram("request_prompt_tokens", "Number of prefill tokens processed.", promptTokens, out);
    histogram(
        "request_generation_tokens",
        "Number of generation tokens processed.",
        generatedTokens,
        out);
    histogram(
        "iteration_tokens_total",
        "Histogram of number of tokens per engine_step.",
        stepTokens,
        out);
    histogram(
        "request_max_num_generation_tokens",
        "Histogram of maximum number of requested generation tokens.",
        maxGeneratedTokens,
        out);
    histogram("request_params_n", "Histogram of the n request parameter.", paramN, out);
    histogram(
        "request_params_max_tokens",
        "Histogram of the max_tokens request parameter.",
        paramMaxTokens,
        out);
    histogram(
        "time_to_first_token_seconds",
        "Histogram of time to first token in seconds.",
        timeToFirstToken,
        out);
    histogram(
        "inter_token_latency_seconds",
        "Histogram of inter-token latency in seconds.",
        interToken,
        out);
    histogram(
        "request_time_per_output_token_seconds",
        "Histogram of time_per_output_token_seconds per request.",
        perOutputToken,
        out);
    histogram(
        "e2e_request_latency_seconds",
        "Histogram of e2e request latency in seconds.",
        endToEnd,
        out);
    histogram(
        "request_queue_time_seconds",
        "Histogram of time spent in WAITING phase for request.",
        queue,
        out);
    histogram(
        "request_inference_time_seconds",
        "Histogram of time spent in RUNNING phase for request.",
        inference,
        out);
    histogram(
        "request_prefill_time_seconds",
        "Histogram of time spent in PREFILL phase for request.",
        prefill,
        out);
    histogram(
        "request_decode_time_seconds",
        "Histogram of time spent in DECODE phase for request.",
        decode,
        out);
  }

  private void one(String name, String type, String help, double value, StringBuilder out) {
    PromText.header("vllm:" + name, type, help, out);
    PromText.sample("vllm:" + name, labels, value, out);
  }

  private void histogram(String name, String help, PromHistogram histogram, StringBuilder out) {
    PromText.header("vllm:" + name, "histogram", help, out);
    histogram.render("vllm:" + name, labels, out);
  }
}
