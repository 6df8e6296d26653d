// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// `weir.json` in the data folder: where a running Weir can be reached. It is there only while that
/// is so, and written last.
record ReadyFile(Path file) {
  private static final JsonMapper JSON = JsonMapper.shared();

  static ReadyFile in(Path data) {
    return new ReadyFile(data.resolve("weir.json"));
  }

  /// @param gateway URL; empty when this process runs none
  /// @param control URL; empty when this process runs none, and the key file with it
  void write(Optional<String> gateway, Optional<String> control, Optional<Path> adminKeyFile)
      throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    gateway.ifPresent(url -> fields.put("gateway", url));
    control.ifPresent(url -> fields.put("control", url));
    fields.put("pid", ProcessHandle.current().pid());
    adminKeyFile.ifPresent(path -> fields.put("adminKeyFile", path.toString()));
    PrivateFiles.replace(
        file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(fields) + "\n");
  }

  void remove() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // A leftover names a pid that is gone; the next start replaces it.
    }
  }
}
