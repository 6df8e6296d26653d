// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import dev.weir.trials.run.Trial;
import dev.weir.trials.run.TrialRun;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The commands of the README, pasted into a shell of a new user.
public final class ReadmeTrial implements Trial {
  private static final int SECONDS = 1_500;
  private static final String WATCH = "./weir rollout watch chat";

  /// How long the sample for CI watches the release, as a user who presses Ctrl-C.
  private static final String A_WHILE = "timeout -s INT 120 " + WATCH + " || true;";

  @Override
  public String name() {
    return "readme";
  }

  @Override
  public String about() {
    return "the commands of the README in a new user's shell (--full: to the end of the release)";
  }

  @Override
  public List<String> mutations() {
    return List.of("no-example");
  }

  @Override
  public void run(TrialRun run) throws Exception {
    Path folder = Files.createTempDirectory("weir-readme");
    Files.createSymbolicLink(folder.resolve("weir"), WeirProcess.launcher());
    if (!run.mutated("no-example")) {
      Files.createSymbolicLink(
          folder.resolve("examples"), Checkout.here().root().resolve("examples"));
    }
    Path output = folder.resolve("output");
    shell(folder, output, run.full() ? commands() : commands().replace(WATCH, A_WHILE));
    String text = Files.readString(output);
    // `weir plan` exits with 2 when an apply would change something.
    List<String> failed =
        text.lines().filter(line -> line.matches("FAILED: (?!./weir plan ).*")).toList();
    run.check("each command succeeds", failed.isEmpty(), failed);
    run.check("the first version answers", text.contains("x-weir-version: chat@1"), text);
    run.check("the plan shows the release", text.contains("chat@2"), text);
    run.check("the share of the new version increases", text.contains("share increases"), text);
    if (run.full()) {
      run.check("the release is completed", text.contains("chat@2 is the stable version"), text);
    }
    run.check("the audit log is verified", text.contains("unbroken"), text);
  }

  /// Runs the commands with free ports and a data folder of their own, and stops Weir afterwards.
  private static void shell(Path folder, Path output, String commands)
      throws IOException, InterruptedException {
    String gateway = "127.0.0.1:" + freePort();
    String script =
        "trap 'echo \"FAILED: $BASH_COMMAND\"' ERR\ntrap 'kill $(jobs -p); wait' EXIT\n"
            + commands.replace("127.0.0.1:8080", gateway);
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("WEIR_NO_BUILD", "1");
    builder.environment().put("WEIR_CONFIG_DIR", folder.resolve("config").toString());
    builder.environment().put("WEIR_GATEWAY", gateway);
    builder.environment().put("WEIR_CONTROL", "127.0.0.1:" + freePort());
    Process process = builder.start();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroy();
      process.waitFor(SECONDS, TimeUnit.SECONDS);
    }
  }

  private static String commands() {
    return MarkdownPage.read(Checkout.here().root().resolve("README.md")).blocks().stream()
        .map(MarkdownPage.Block::text)
        .filter(text -> text.contains("./weir up"))
        .findFirst()
        .orElseThrow();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
