// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.WeirProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// Plants secrets wherever Weir meets them, by reference as they should come and plainly as people
/// do by mistake; uses everything once, right and wrong; and then looks for them in every file and
/// every word that Weir wrote, in its command lines and in what its children were given.
final class SecretsCheck {
  private static final String BY_ENVIRONMENT = "planted-env-8b1f6c0d2e";
  private static final String BY_FILE = "planted-file-3a7d9e5f41";
  private static final String PROMPT = "planted-prompt-c40de19b77";
  private static final String WRONG_KEY = "planted-wrongkey-90aa317c5e";
  private static final String UNUSED = "planted-unused-5d2c8e7710";
  private static final String IN_URL = "planted-url-77c1b0e2d4";
  private static final String IN_FIELD = "planted-field-1e88d3a905";
  private static final String IN_HEADER = "planted-header-b3f6f2c8aa";

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
    planted.put("an unused variable of Weir", UNUSED);
    planted.put("a password in a URL", IN_URL);
    planted.put("a secret written into a manifest", IN_FIELD);
    planted.put("a secret in a header or a query", IN_HEADER);
    WeirProcess.Launch launch =
        WeirProcess.Launch.up(folder, "--log-level", "debug")
            .environment(Map.of("PLANTED", BY_ENVIRONMENT, "PLANTED_UNUSED", UNUSED));
    try (WeirProcess weir = WeirProcess.start(launch)) {
      useEverything(weir, manifest(secret));
      String gatewayKey = Files.readString(launch.data().resolve("gateway.key")).strip();
      planted.put("the gateway's key", gatewayKey);
      planesTalk(weir, gatewayKey);
      mistakes(weir);
      processes(weir);
      settings(weir);
      operations(weir, launch.data());
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

  private void useEverything(WeirProcess weir, String manifest) throws Exception {
    Path file = Files.writeString(weir.folder().resolve("all.yaml"), manifest);
    say(weir.run("plan", "-f", file.toString()));
    weir.apply(manifest);
    String inference = weir.inferenceKey();
    planted.put("an inference key", inference);
    planted.put("the administrator's key", weir.adminKey());
    for (String key : List.of(inference, WRONG_KEY, weir.adminKey())) {
      for (String url :
          List.of(weir.gateway() + "/v1/chat/completions", weir.gateway() + "/v1/x")) {
        say(weir.post(url, question("chat"), WeirProcess.bearer(key)).body());
        say(weir.post(url, question("none"), WeirProcess.bearer(key)).body());
        say(weir.post(url, question("chat").substring(0, 60), WeirProcess.bearer(key)).body());
      }
      say(weir.get(weir.control() + "/api/v1/models", WeirProcess.bearer(key)).body());
      say(
          weir.post(weir.control() + "/api/v1/apply", "{\"x\": [" + "1,", WeirProcess.bearer(key))
              .body());
    }
    for (String kind : List.of("services", "modelversions", "apikeys", "replicas", "gateways")) {
      say(weir.run("get", kind, "-o", "json"));
    }
    say(weir.run("describe", "modelversion", "chat-1"));
    say(weir.run("history", "modelversion", "chat-1"));
    say(weir.run("audit", "list", "-o", "json"));
    say(weir.run("audit", "export"));
    say(weir.run("diff", "-f", file.toString()));
    say(weir.run("whoami"));
    say(weir.run("context", "list"));
    say(weir.get(weir.gateway() + "/metrics", Map.of()).body());
    say(weir.get(weir.control() + "/metrics", WeirProcess.bearer(weir.adminKey())).body());
    say(
        weir.get(weir.control() + "/api/v1/openapi.json", WeirProcess.bearer(weir.adminKey()))
            .body());
  }

  /// The data on the link: the whole first snapshot, with any pings before it.
  private void planesTalk(WeirProcess weir, String gatewayKey) throws IOException {
    var url = URI.create(weir.control() + "/internal/v1/snapshots?after=0&formats=4").toURL();
    var connection = url.openConnection();
    connection.setRequestProperty("authorization", "Bearer " + gatewayKey);
    connection.setReadTimeout(20_000);
    StringBuilder snapshot = new StringBuilder();
    try (var in = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8))) {
      for (String line = in.readLine();
          line != null && !(line.isEmpty() && snapshot.indexOf("event: snapshot") >= 0);
          line = in.readLine()) {
        snapshot.append(line).append('\n');
      }
    }
    run.check("a whole snapshot is searched", snapshot.indexOf("chat") > 0, snapshot.length());
    say(snapshot.toString());
  }

  /// Secrets where they do not belong. Each must be refused, in words that do not repeat it.
  private void mistakes(WeirProcess weir) throws Exception {
    List<String> specs =
        List.of(
            version("env: {HF_TOKEN: " + IN_FIELD + "}"),
            version("env: {HTTPS_PROXY: \"http://ada:" + IN_URL + "@127.0.0.1:9\"}"),
            version("args: [--api-key, " + IN_FIELD + "]"),
            version("args: [\"--hf-token=" + IN_FIELD + "\"]"),
            version("password: " + IN_FIELD),
            version("args: []}, source: {uri: \"https://ada:" + IN_URL + "@example.com/m\""),
            service("http://ada:" + IN_URL + "@127.0.0.1:9"),
            service("http://127.0.0.1:9/?token=" + IN_FIELD),
            "{apiVersion: weir.dev/v1, kind: Secret, metadata: {name: s}, data: {password: "
                + IN_FIELD
                + "}}",
            "{apiVersion: weir.dev/v1, kind: Model, metadata: {name: m, labels: {apiKey: [\""
                + IN_FIELD
                + "\"]}}, spec: {owner: a, credentials: {token: "
                + IN_FIELD
                + "}}}");
    int refused = 0;
    for (String manifest : specs) {
      Path file = Files.writeString(weir.folder().resolve("manifest-mistake.yaml"), manifest);
      for (String path : List.of("/api/v1/apply", "/api/v1/apply?dryRun=true", "/api/v1/plan")) {
        HttpResponse<String> answer =
            weir.post(weir.control() + path, manifest, WeirProcess.bearer(weir.adminKey()));
        refused += answer.statusCode() / 100 == 4 ? 1 : 0;
        say(answer.body());
      }
      say(weir.run("apply", "-f", file.toString()));
    }
    run.check("a literal secret in a manifest is refused", refused == 3 * specs.size(), refused);
    headers(weir);
  }

  private void headers(WeirProcess weir) throws Exception {
    for (String base : List.of(weir.control() + "/api/v1/models", weir.gateway() + "/v1/models")) {
      for (Map<String, String> headers :
          List.of(
              Map.of("authorization", "Basic " + IN_HEADER),
              Map.of("authorization", "Bearer weir_" + IN_HEADER),
              Map.of("authorization", IN_HEADER),
              Map.of("x-api-key", IN_HEADER),
              Map.of("cookie", "session=" + IN_HEADER),
              Map.of("proxy-authorization", "Bearer " + IN_HEADER))) {
        say(weir.get(base, headers).body());
        say(weir.get(base + "?api_key=" + IN_HEADER, headers).body());
      }
    }
    Map<String, String> once = new TreeMap<>(WeirProcess.bearer(weir.adminKey()));
    once.put("idempotency-key", IN_HEADER);
    once.put("cookie", IN_HEADER);
    String model =
        "{apiVersion: weir.dev/v1, kind: Model, metadata: {name: idem}, spec: {owner: a}}";
    say(weir.post(weir.control() + "/api/v1/apply", model, once).body());
    say(weir.run("get", "models", "--key", WRONG_KEY));
    say(weir.run("get", "models", "--server", "http://ada:" + IN_URL + "@127.0.0.1:9"));
  }

  /// The output about settings, also with a secret in a setting.
  private void settings(WeirProcess weir) throws Exception {
    HttpResponse<String> answer =
        weir.get(weir.control() + "/api/v1/configuration", WeirProcess.bearer(weir.adminKey()));
    run.check("the API returns the settings", answer.statusCode() == 200, answer.statusCode());
    say(answer.body());
    say(weir.run("config"));
    WeirProcess.Ran running = weir.run("config", "--running");
    run.check("config --running shows the flags", running.out().contains("# flag: "), running);
    say(running);
    for (String mistake :
        List.of(
            "gatewayKey: " + IN_FIELD,
            "controlUrl: http://ada:" + IN_URL + "@127.0.0.1:9",
            "adminKey: " + IN_FIELD,
            "[" + IN_FIELD + ", \"")) {
      Path file = Files.writeString(weir.folder().resolve("manifest-settings.yaml"), mistake);
      WeirProcess.Ran refused = weir.run("config", "--config", file.toString());
      run.check("a secret in a setting is refused", refused.status() != 0, mistake);
      say(refused);
    }
  }

  /// Commands of daily operation. The backup is in the folder whose files are all searched.
  private void operations(WeirProcess weir, Path data) throws Exception {
    say(weir.run("doctor"));
    say(weir.run("doctor", "--data", data.toString(), "-o", "json"));
    weir.ok("replica", "restart", "chat-1-0", "--force");
    for (String previous : List.of("--previous=false", "--previous")) {
      WeirProcess.Ran logs = weir.run("logs", "chat-1-0", previous, "--tail", "10000");
      run.check(
          "logs prints the log of a replica", logs.status() == 0 && !logs.out().isEmpty(), logs);
      say(logs);
    }
    Path copy = weir.folder().resolve("copy.backup");
    weir.ok("backup", copy.toString());
    run.check("the backup is not empty", Files.size(copy) > 4_096, copy);
  }

  private static String version(String engine) {
    return """
    {apiVersion: weir.dev/v1, kind: ModelVersion, metadata: {name: chat-7},
     spec: {model: chat, version: "7", engine: {type: sim, %s}}}
    """
        .formatted(engine);
  }

  private static String service(String url) {
    return """
    {apiVersion: weir.dev/v1, kind: Service, metadata: {name: chat},
     spec: {version: chat@1, placements: [{target: local, endpoints: {chat@1: ["%s"]}}]}}
    """
        .formatted(url);
  }

  /// The data of Weir and its children that every user of the machine can read, and the environment
  /// of a child: its own secrets and no others.
  private void processes(WeirProcess weir) throws Exception {
    List<Long> replicas = new ArrayList<>();
    JsonMapper.shared()
        .readTree(weir.ok("get", "replicas", "-o", "json"))
        .findValues("pid")
        .forEach(pid -> replicas.add(pid.asLong()));
    run.check("a replica runs", !replicas.isEmpty(), replicas);
    List<String> foreign = new ArrayList<>();
    for (long pid : replicas) {
      say(Files.readString(Path.of("/proc/" + pid + "/cmdline"), ISO_8859_1));
      String given = Files.readString(Path.of("/proc/" + pid + "/environ"), ISO_8859_1);
      run.check(
          "the replica has its own secrets",
          given.contains(BY_ENVIRONMENT) && given.contains(BY_FILE),
          pid);
      planted.forEach((what, secret) -> {
        if (given.contains(secret) && !secret.equals(BY_ENVIRONMENT) && !secret.equals(BY_FILE)) {
          foreign.add(what);
        }
      });
    }
    run.check("the replica has no other secret", foreign.isEmpty(), foreign);
    say(Files.readString(Path.of("/proc/" + weir.pid() + "/cmdline"), ISO_8859_1));
  }

  private void say(WeirProcess.Ran ran) {
    said.append(ran.out()).append(ran.err());
  }

  private void say(String text) {
    said.append(text).append('\n');
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
    for (Path file : keyFiles(folder)) {
      String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
      run.check(
          "only its owner can access a key file", mode.equals("rw-------"), file + " " + mode);
    }
    run.figure("secrets searched for", planted.size());
    run.figure("files searched", files);
    run.check("enough output is searched", files > 6 && said.length() > 2_000, files);
    run.check("no planted secret is found", found.isEmpty(), found);
  }

  private static List<Path> keyFiles(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.getFileName().toString().endsWith(".key")).toList();
    }
  }

  /// All files that Weir wrote, without the key files, which only their owner can read.
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
