// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import static dev.weir.runtime.engine.MetricName.always;
import static dev.weir.runtime.engine.MetricName.since;
import static dev.weir.runtime.engine.MetricName.until;

import dev.weir.model.EngineType;
import dev.weir.runtime.engine.LoadSource.LoadedModels;
import dev.weir.runtime.engine.LoadSource.Metrics;
import dev.weir.runtime.engine.LoadSource.Untold;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The paths at which one engine type reports its state, for all known versions.
///
/// @param healthPath returns 200 when healthy and 503 while loading
/// @param versionPaths paths of JSON objects with the version, newer paths first; empty if not
///   reported
/// @param versionField field of the version in these objects
/// @param sleepPath path of a JSON object with the field `is_sleeping`; not every server has it
/// @param load source of the load
public record EngineAdapter(
    String healthPath,
    List<String> versionPaths,
    String versionField,
    Optional<String> sleepPath,
    LoadSource load) {
  /// `/is_sleeping` exists only with `VLLM_SERVER_DEV_MODE=1`; newer versions report it as a
  /// metric.
  private static final EngineAdapter VLLM =
      new EngineAdapter(
          "/health",
          List.of("/version"),
          "version",
          Optional.of("/is_sleeping"),
          new Metrics(
              "/metrics",
              Map.of(
                  EngineLoadMetric.RUNNING, List.of(always("vllm:num_requests_running")),
                  EngineLoadMetric.WAITING, List.of(always("vllm:num_requests_waiting")),
                  EngineLoadMetric.KV_USAGE,
                      List.of(
                          since("0.9", "vllm:kv_cache_usage_perc"),
                          until("0.12", "vllm:gpu_cache_usage_perc")),
                  EngineLoadMetric.AWAKE,
                      List.of(always("vllm:engine_sleep_state").where("sleep_state", "awake"))),
              "start it without --disable-log-stats"));

  private static final EngineAdapter SGLANG =
      new EngineAdapter(
          "/health",
          List.of("/server_info", "/get_server_info"),
          "version",
          Optional.empty(),
          new Metrics(
              "/metrics",
              Map.of(
                  EngineLoadMetric.RUNNING, List.of(always("sglang:num_running_reqs")),
                  EngineLoadMetric.WAITING, List.of(always("sglang:num_queue_reqs")),
                  EngineLoadMetric.KV_USAGE, List.of(always("sglang:token_usage"))),
              "start it with --enable-metrics"));

  /// llama.cpp does not report its cache usage since build 5440 (ggml-org/llama.cpp#13660).
  private static final EngineAdapter LLAMACPP =
      new EngineAdapter(
          "/health",
          List.of("/props"),
          "build_info",
          Optional.of("/props"),
          new Metrics(
              "/metrics",
              Map.of(
                  EngineLoadMetric.RUNNING, List.of(always("llamacpp:requests_processing")),
                  EngineLoadMetric.WAITING, List.of(always("llamacpp:requests_deferred")),
                  EngineLoadMetric.KV_USAGE,
                      List.of(until("b5440", "llamacpp:kv_cache_usage_ratio"))),
              "start it with --metrics"));

  private static final EngineAdapter OLLAMA =
      new EngineAdapter(
          "/api/version",
          List.of("/api/version"),
          "version",
          Optional.empty(),
          new LoadedModels("/api/ps"));

  private static final EngineAdapter OPENAI =
      new EngineAdapter("/v1/models", List.of(), "", Optional.empty(), new Untold());

  public EngineAdapter {
    versionPaths = List.copyOf(versionPaths);
  }

  /// The simulator has the API of vLLM.
  public static EngineAdapter of(EngineType type) {
    return switch (type) {
      case VLLM, SIM -> VLLM;
      case SGLANG -> SGLANG;
      case LLAMACPP -> LLAMACPP;
      case OLLAMA -> OLLAMA;
      case OPENAI -> OPENAI;
    };
  }
}
