// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.engine;

import java.util.List;
import java.util.Optional;

/// The built-in profiles: Llama 3.1 8B and 70B on A100, H100 and H200.
///
/// **Source.** Kernel times (GEMM, attention, all-reduce, timed inside vLLM 0.14 to 0.24) of
/// ai-dynamo/aiconfigurator at 095f58a5 (Apache-2.0), composed to whole steps and fitted with `step
/// = base + perSeq x batch + per1k x kvTokens/1000` and `prefill = base + a x n/1000 + b x
/// (n/1000)^2`; median fit errors are 0.9 % to 4.1 % (decode) and 1.5 % to 9.9 % (prefill). KV
/// blocks of 16 tokens are an estimate: 0.9 of the memory less weights and 3 GB. [BatchScheduler]
/// adds host overheads.
public final class EngineProfiles {
  /// The default profile.
  public static final String DEFAULT = "llama-3.1-8b-h100";

  /// name, decode base ms, ms a sequence, ms per 1,000 KV tokens, prefill base ms, ms per 1,000
  /// tokens, ms per (1,000 tokens) squared, KV blocks of 16 tokens.
  private static final String TABLE =
      """
      llama-3.1-70b-a100-tp2 49.674 0.0901 0.1227 39.895 244.480 5.2192 1434
      llama-3.1-70b-a100-tp4 27.350 0.1154 0.0547 23.395 147.760 2.3275 29780
      llama-3.1-70b-a100-tp8 17.045 0.0825 0.0266 14.761 102.732 0.1022 86474
      llama-3.1-70b-h100-tp2 27.788 0.0269 0.0186 21.877 83.852 3.2235 1434
      llama-3.1-70b-h100-tp2-fp8 16.655 0.0497 0.0523 13.879 66.459 1.4663 14890
      llama-3.1-70b-h100-tp4 15.071 0.0376 0.0272 13.499 52.778 1.4709 29780
      llama-3.1-70b-h100-tp4-fp8 10.561 0.0413 0.0264 9.848 46.105 0.6303 43237
      llama-3.1-70b-h100-tp8 9.825 0.0301 0.0133 9.074 36.662 0.5414 86474
      llama-3.1-70b-h100-tp8-fp8 7.893 0.0336 0.0135 7.781 35.414 0.0787 99930
      llama-3.1-70b-h200-tp2 20.334 0.0544 0.0328 16.356 83.177 3.5018 20351
      llama-3.1-70b-h200-tp2-fp8 12.625 0.0495 0.0331 10.985 55.541 1.5322 33807
      llama-3.1-70b-h200-tp4 12.017 0.0389 0.0168 10.381 52.093 1.3458 67615
      llama-3.1-70b-h200-tp4-fp8 8.355 0.0403 0.0175 8.105 39.377 0.5929 81071
      llama-3.1-70b-h200-tp8 8.047 0.0288 0.0086 7.290 35.261 0.5576 162143
      llama-3.1-70b-h200-tp8-fp8 6.488 0.0327 0.0088 6.600 30.292 0.0052 175600
      llama-3.1-8b-a100 10.977 0.0385 0.0772 8.972 49.154 2.1362 27775
      llama-3.1-8b-a100-tp2 6.635 0.0248 0.0405 5.494 31.372 0.9974 63208
      llama-3.1-8b-h100 6.348 0.0118 0.0423 5.777 14.877 0.8973 27775
      llama-3.1-8b-h100-fp8 4.399 0.0122 0.0423 3.935 12.217 0.6011 31604
      llama-3.1-8b-h100-tp2 3.948 0.0086 0.0207 3.618 10.825 0.4104 63208
      llama-3.1-8b-h100-tp2-fp8 3.162 0.0097 0.0204 2.920 10.068 0.2399 67037
      llama-3.1-8b-h200 4.909 0.0131 0.0254 4.145 15.480 0.8511 51422
      llama-3.1-8b-h200-fp8 3.312 0.0130 0.0261 3.128 9.607 0.5206 55251
      llama-3.1-8b-h200-tp2 3.245 0.0095 0.0130 2.835 10.528 0.3821 110502
      llama-3.1-8b-h200-tp2-fp8 2.561 0.0103 0.0132 2.465 8.198 0.1816 114331
      """;

  private EngineProfiles() {}

  /// The names of all built-in profiles.
  public static List<String> names() {
    return TABLE.lines().map(line -> line.substring(0, line.indexOf(' '))).toList();
  }

  /// The built-in profile with a name.
  public static Optional<EngineProfile> named(String name) {
    return TABLE
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(EngineProfiles::parse)
        .findFirst();
  }

  private static EngineProfile parse(String line) {
    String[] cell = line.split(" ", -1);
    return new EngineProfile(
        cell[0],
        Double.parseDouble(cell[1]),
        Double.parseDouble(cell[2]),
        Double.parseDouble(cell[3]),
        Double.parseDouble(cell[4]),
        Double.parseDouble(cell[5]),
        Double.parseDouble(cell[6]),
        Integer.parseInt(cell[7]));
  }
}
