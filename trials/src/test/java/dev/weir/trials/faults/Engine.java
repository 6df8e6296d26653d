// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A simulated model server as a separate process that can be killed, stopped and made to fail.
public final class Engine implements AutoCloseable {
  static final String VERSION = "1";

  private final Path launcher;
  private final Path errors;
  private final String host;
  private final List<String> args;
  private Process process;
  private int port;

  /// @param launcher of `weir`
  /// @param errors where it writes what it has to say
  /// @param host a loopback address of its own, so that no outgoing connection takes its port while
  ///   it is down
  public Engine(Path launcher, Path errors, String host, String model, Path profile)
      throws IOException {
    this.host = host;
    this.launcher = launcher;
    this.errors = errors;
    this.args = List.of("--model", model, "--version", VERSION, "--profile", profile.toString());
    this.process = begin(0);
    this.port = listening(process);
  }

  private Process begin(int at) throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString(), "sim"));
    command.addAll(List.of("--host", host, "--port", Integer.toString(at)));
    command.addAll(args);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("WEIR_NO_BUILD", "1");
    builder.environment().put("WEIR_JAVA_OPTS", "-Xmx96m -XX:TieredStopAtLevel=1");
    builder.redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
    return builder.start();
  }

  private static int listening(Process process) throws IOException {
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("listening on ")) {
        return URI.create(line.substring("listening on ".length()).strip()).getPort();
      }
    }
    throw new IOException("a simulated engine ended before it listened");
  }

  InetSocketAddress address() {
    return new InetSocketAddress(host, port);
  }

  public String url() {
    return "http://" + host + ":" + port;
  }

  public boolean alive() {
    return process.isAlive();
  }

  /// One `kill -9` of all of them: its signals are microseconds apart.
  static void kill(List<Engine> engines) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", "-KILL"));
    engines.forEach(engine -> command.add(Long.toString(engine.process.pid())));
    new ProcessBuilder(command).start().waitFor();
    for (Engine engine : engines) {
      engine.process.waitFor();
    }
  }

  /// At the port that it had.
  public void startAgain() throws IOException {
    process = begin(port);
    port = listening(process);
  }

  /// `SIGSTOP`: connections stay open, the kernel accepts new ones, and no data moves.
  public void stop() throws IOException, InterruptedException {
    signal("-STOP");
  }

  public void goOn() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", name, Long.toString(process.pid())).start().waitFor();
  }

  /// Sets faults of the simulator, as its `/sim/faults` takes them.
  ///
  /// @param json by name
  public void faults(HttpClient http, String json) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/sim/faults"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("the simulator refuses " + json + ": " + answer.body());
    }
  }

  /// Restarts or resumes the engine and clears the faults that [FaultyFleet] sets.
  void repair(HttpClient http) throws IOException, InterruptedException {
    if (alive()) {
      goOn();
      faults(http, "{\"healthLies\": 0, \"latencyFactor\": 1}");
    } else {
      startAgain();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
