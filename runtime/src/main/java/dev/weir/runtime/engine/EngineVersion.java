// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.engine;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// The comparable part of an engine's version: its leading numbers. vLLM, SGLang and Ollama have
/// versions such as `0.10.2`; llama.cpp has build numbers such as `b6123-1d72c841`.
public record EngineVersion(int major, int minor, int patch) implements Comparable<EngineVersion> {
  private static final Pattern NUMBERS = Pattern.compile("[vb]?(\\d{1,9}(?:\\.\\d{1,9}){0,2}).*");

  /// Empty if the text does not start with a number.
  public static Optional<EngineVersion> parse(String text) {
    return NUMBERS.matcher(text.strip()).results().findFirst().map(EngineVersion::of);
  }

  private static EngineVersion of(MatchResult found) {
    int[] parts = Arrays.stream(found.group(1).split("\\.")).mapToInt(Integer::parseInt).toArray();
    return new EngineVersion(
        parts[0], parts.length > 1 ? parts[1] : 0, parts.length > 2 ? parts[2] : 0);
  }

  @Override
  public int compareTo(EngineVersion other) {
    int byMajor = Integer.compare(major, other.major);
    int byMinor = byMajor == 0 ? Integer.compare(minor, other.minor) : byMajor;
    return byMinor == 0 ? Integer.compare(patch, other.patch) : byMinor;
  }
}
