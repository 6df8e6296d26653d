// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator;

import dev.weir.simulator.engine.EngineProfile;
import dev.weir.simulator.engine.EngineProfiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Finds a profile by name, or reads one from a JSON file. The keys are the component names of
/// [EngineProfile]; all except `name` are required.
final class ProfileFile {
  private ProfileFile() {}

  /// @throws IllegalArgumentException describing the problem
  static EngineProfile find(String nameOrFile) {
    return EngineProfiles.named(nameOrFile).orElseGet(() -> read(nameOrFile));
  }

  private static EngineProfile read(String file) {
    if (!Files.isRegularFile(Path.of(file))) {
      throw new IllegalArgumentException(
          "--profile "
              + file
              + " is neither a file nor one of "
              + String.join(", ", EngineProfiles.names()));
    }
    try {
      return profile(file, JsonMapper.shared().readTree(Files.readString(Path.of(file))));
    } catch (IOException | JacksonException unreadable) {
      throw new IllegalArgumentException(
          "cannot read profile file " + file + ": " + unreadable.getMessage(), unreadable);
    }
  }

  private static EngineProfile profile(String file, JsonNode json) {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    json.propertyStream().forEach(entry -> fields.put(entry.getKey(), entry.getValue()));
    JsonNode name = fields.remove("name");
    EngineProfile profile =
        new EngineProfile(
            name == null ? file : name.asString(),
            number(fields, "decodeBaseMillis", file),
            number(fields, "decodeMillisPerSeq", file),
            number(fields, "decodeMillisPer1kKvTokens", file),
            number(fields, "prefillBaseMillis", file),
            number(fields, "prefillMillisPer1kTokens", file),
            number(fields, "prefillMillisPer1kTokensSquared", file),
            (int) number(fields, "kvBlocks", file));
    if (!fields.isEmpty()) {
      throw new IllegalArgumentException(
          "profile file " + file + " has unknown fields " + fields.keySet());
    }
    return profile;
  }

  private static double number(Map<String, JsonNode> fields, String name, String file) {
    JsonNode value = fields.remove(name);
    if (value == null || !value.isNumber()) {
      throw new IllegalArgumentException(
          "profile file " + file + " needs a number for '" + name + "'");
    }
    return value.doubleValue();
  }
}
