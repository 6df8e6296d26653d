// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Everything that users wrote in one worker's namespace, by the revision of its spec: what Weir
/// itself writes (statuses, rollouts) is none of a request's doing.
final class Holdings {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final RawHttp http;
  private final LiveApi api;
  private final String namespace;
  private final String key;

  Holdings(RawHttp http, LiveApi api, String namespace, String key) {
    this.http = http;
    this.api = api;
    this.namespace = namespace;
    this.key = key;
  }

  /// Path and spec revision of each resource. Of a global kind those whose names begin with the
  /// namespace's belong to it.
  Map<String, Long> now() throws IOException {
    Map<String, Long> all = new TreeMap<>();
    for (String list : api.lists()) {
      String path = list.replace("{namespace}", namespace);
      for (JsonNode item : JSON.readTree(http.send(get(path, key)).body()).path("items")) {
        JsonNode metadata = item.path("metadata");
        String name = metadata.path("name").asString();
        if (list.contains("{namespace}") || name.startsWith(namespace + "-")) {
          all.put(path + "/" + name, metadata.path("specRevision").asLong());
        }
      }
    }
    return all;
  }

  static byte[] get(String path, String key) {
    return ("GET " + path + " HTTP/1.1\r\nHost: weir\r\nAuthorization: Bearer " + key + "\r\n\r\n")
        .getBytes(UTF_8);
  }
}
