// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.trials.fuzz.RawHttp.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// A valid client beside the attackers. Each of its writes must succeed, must be read back
/// unchanged, and uses the revision of the write before as its precondition.
final class GoodCitizen {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String PATH = "/api/v1/namespaces/good/models/citizen";

  private final RawHttp http;
  private final String key;
  private final List<String> wrong = new ArrayList<>();
  private long writes;
  private String etag = "";

  GoodCitizen(RawHttp http, String key) {
    this.http = http;
    this.key = key;
  }

  void write() throws IOException {
    String owner = "owner-" + writes++;
    String body =
        """
        {"apiVersion": "weir.dev/v1", "kind": "Model",
         "metadata": {"name": "citizen", "namespace": "good"}, "spec": {"owner": "%s"}}
        """
            .formatted(owner);
    String guard = etag.isEmpty() ? "" : "If-Match: " + etag + "\r\n";
    String request =
        "PUT "
            + PATH
            + " HTTP/1.1\r\nHost: weir\r\nAuthorization: Bearer "
            + key
            + "\r\n"
            + guard
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    Answer put = http.send(request.getBytes(UTF_8));
    etag = put.header("etag");
    Answer read = http.send(Holdings.get(PATH, key));
    boolean kept =
        read.status() == 200
            && JSON.readTree(read.body()).path("spec").path("owner").asString().equals(owner);
    if (put.status() > 201 || put.status() == 0 || !kept) {
      wrong.add("write " + writes + " answered " + put.status() + ", read " + read.body());
    }
  }

  long writes() {
    return writes;
  }

  List<String> wrong() {
    return wrong;
  }
}
