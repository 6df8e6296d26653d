// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// Plants secrets wherever Weir meets them, uses everything once, right and wrong, and then looks
/// for them in every file and every word that Weir wrote.
final class SecretsCheck {
  private static final String BY_ENVIRONMENT = "planted-env-8b1f6c0d2e";
  private static final String BY_FILE = "planted-file-3a7d9e5f41";
  private static final String PROMPT = "planted-prompt-c40de19b77";
  private static final String WRONG_KEY = "planted-wrongkey-90aa317c5e";

  private final TrialRun run;
  private final Map<String, String> planted = new LinkedHashMap<>();
  private final StringBuilder said = new StringBuilder();

  SecretsCheck(TrialRun run) {
    this.run = run;
  }

  void check() throws Exception {
    Path folder = Files.createTempDirectory("weir-secrets");
    Path secret = folder.resolve("token");
    Files.writeString(secret, BY_FILE);
    planted.put("an engine's secret by environment", BY_ENVIRONMENT);
    planted.put("an engine's secret by file", BY_FILE);
    planted.put("a prompt", PROMPT);
    planted.put("a wrong key", WRONG_KEY);
    Weir.Launch launch =
        Weir.Launch.of(
                folder,
                "data",
                "up",
                "--log-level",
                "debug",
                "--gateway",
                "127.0.0.1:0",
                "--control",
                "127.0.0.1:0")
            .environment(Map.of("PLANTED", BY_ENVIRONMENT));
    try (Weir weir = Weir.start(launch)) {
      useEverything(weir, manifest(secret));
    }
    // Stopped in good order: what was only in memory is written by now.
    look(folder);
  }

  private String manifest(Path secret) {
    String label = run.mutated("leak") ? BY_FILE : "none";
    return """
    apiVersion: weir.dev/v1
    kind: Target
    metadata: {name: local}
    spec: {provider: process}
    ---
    apiVersion: weir.dev/v1
    kind: Model
    metadata: {name: chat, annotations: {note: %s}}
    spec: {owner: team@example.com}
    ---
    apiVersion: weir.dev/v1
    kind: ModelVersion
    metadata: {name: chat-1}
    spec:
      model: chat
      version: "1"
      engine: {type: sim, env: {HF_TOKEN: "env:PLANTED", OTHER_TOKEN: "file:%s"}}
    ---
    apiVersion: weir.dev/v1
    kind: Service
    metadata: {name: chat}
    spec: {version: chat@1, placements: [{target: local, replicas: 1}]}
    """
        .formatted(label, secret);
  }

  private void useEverything(Weir weir, String manifest) throws Exception {
    Path file = Files.writeString(weir.folder().resolve("all.yaml"), manifest);
    say(weir.run("plan", "-f", file.toString()));
    weir.apply(manifest);
    String inference = weir.inferenceKey();
    planted.put("an inference key", inference);
    planted.put("the administrator's key", weir.adminKey());
    for (String key : List.of(inference, WRONG_KEY, weir.adminKey())) {
      for (String url :
          List.of(weir.gateway() + "/v1/chat/completions", weir.gateway() + "/v1/x")) {
        say(weir.post(url, question("chat"), bearer(key)).body());
        say(weir.post(url, question("none"), bearer(key)).body());
        say(weir.post(url, question("chat").substring(0, 60), bearer(key)).body());
      }
      say(weir.get(weir.control() + "/api/v1/models", bearer(key)).body());
      say(weir.post(weir.control() + "/api/v1/apply", "{\"x\": [" + "1,", bearer(key)).body());
    }
    for (String kind : List.of("services", "modelversions", "apikeys", "replicas", "gateways")) {
      say(weir.run("get", kind, "-o", "json"));
    }
    say(weir.run("describe", "modelversion", "chat-1"));
    say(weir.run("history", "modelversion", "chat-1"));
    say(weir.run("audit", "list", "-o", "json"));
    say(weir.run("diff", "-f", file.toString()));
    say(weir.get(weir.gateway() + "/metrics", Map.of()).body());
    say(weir.get(weir.control() + "/metrics", bearer(weir.adminKey())).body());
  }

  private void say(Weir.Ran ran) {
    said.append(ran.out()).append(ran.err());
  }

  private void say(String text) {
    said.append(text).append('\n');
  }

  private static Map<String, String> bearer(String key) {
    return Map.of("authorization", "Bearer " + key);
  }

  private static String question(String model) {
    return JsonMapper.shared()
        .writeValueAsString(
            Map.of(
                "model",
                model,
                "max_tokens",
                4,
                "messages",
                List.of(Map.of("role", "user", "content", PROMPT))));
  }

  private void look(Path folder) throws IOException {
    List<String> found = new ArrayList<>();
    int files = 0;
    for (Path file : written(folder)) {
      files++;
      String bytes = new String(Files.readAllBytes(file), ISO_8859_1);
      planted.forEach((what, secret) -> {
        if (bytes.contains(new String(secret.getBytes(UTF_8), ISO_8859_1))) {
          found.add(what + " in " + folder.relativize(file));
        }
      });
    }
    planted.forEach((what, secret) -> {
      if (said.indexOf(secret) >= 0) {
        found.add(what + " in an answer");
      }
    });
    run.figure("secrets looked for", planted.size());
    run.figure("files looked through", files);
    run.check("enough was written to look through", files > 8 && said.length() > 2_000, files);
    run.check("planted secrets are found nowhere", found.isEmpty(), found);
  }

  /// All that Weir wrote but the files whose one purpose is to hold a key, which only their owner
  /// may read.
  private static List<Path> written(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.equals(folder.resolve("token")))
          .filter(file -> !file.getFileName().toString().endsWith(".key"))
          .filter(file -> !file.getFileName().toString().equals("all.yaml"))
          .filter(file -> !file.getFileName().toString().startsWith("manifest"))
          .toList();
    }
  }
}
