// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.ContextFile;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `weir up`: starts both planes in one process.
@Command(
    name = "up",
    description = "Start control plane and gateway in one process.",
    mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
  @Mixin private ServeOptions serve = new ServeOptions();

  @Mixin private ListenOptions.OfGateway gatewayOptions = new ListenOptions.OfGateway();
  @Mixin private ListenOptions.OfControl controlOptions = new ListenOptions.OfControl();

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "CA of the control API's certificate (PEM), for the CLI's context")
  private @Nullable String ca;

  private static final Logger LOG = LoggerFactory.getLogger(UpCommand.class);

  private static final Path EXAMPLE = Path.of("examples", "sim.yaml");

  /// The CLI context that `weir up` maintains.
  private static final String CONTEXT = "local";

  private final TestHooks testHooks;

  UpCommand(TestHooks testHooks) {
    this.testHooks = testHooks;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Configuration configuration =
        serve.load(
            gatewayOptions.settings(),
            controlOptions.settings(),
            Map.of(Setting.CA, Optional.ofNullable(ca)));
    if (!Serving.prepared(serve, configuration)) {
      return 0;
    }
    Serving.serve(
        (closeStack, shutdownRequested) -> start(configuration, closeStack, shutdownRequested));
    return 0;
  }

  private void start(
      Configuration configuration, CloseStack closeStack, BooleanSupplier shutdownRequested)
      throws IOException {
    SingleProcess singleProcess =
        closeStack.add(
            "both planes", SingleProcess.start(configuration, testHooks, shutdownRequested));
    singleProcess.announce(System.out);
    String options = makeCurrent(singleProcess, configuration);
    System.out.println("next      weir " + options + "apply -f " + manifest() + " --wait");
    System.out.flush();
  }

  /// The example if `weir up` runs in a checkout.
  private static String manifest() {
    return Files.exists(EXAMPLE) ? EXAMPLE.toString() : "FILE";
  }

  /// A failure to write the CLI's context file does not stop the planes.
  ///
  /// @return the options with which the CLI finds this control plane; empty, or with a space after
  private static String makeCurrent(SingleProcess singleProcess, Configuration configuration) {
    try {
      ContextFile contexts = ContextFile.ofEnvironment(System.getenv());
      Optional<String> other =
          LocalContext.inUse(contexts.read().contexts().get(CONTEXT), singleProcess.control());
      if (other.isPresent()) {
        unchanged(singleProcess, other.get());
        return "--context NAME ";
      }
      KeyFiles.forContext(keyFile(contexts), singleProcess.adminKeyFile(), singleProcess::accepts)
          .ifPresentOrElse(
              key ->
                  contexts.makeCurrent(
                      CONTEXT,
                      singleProcess.control(),
                      singleProcess.gateway(),
                      key,
                      configuration.file(Setting.CA).or(singleProcess::ownAuthority)),
              () -> noKey(singleProcess));
      return "";
    } catch (CliException e) {
      LOG.atWarn()
          .addKeyValue("event", "context.unwritten")
          .addKeyValue("error", e.getMessage())
          .log("The CLI context cannot be written; commands need --server and --key");
      return "--server %s --key KEY ".formatted(singleProcess.control());
    }
  }

  private static Optional<Path> keyFile(ContextFile contexts) {
    return Optional.ofNullable(contexts.read().contexts().get(CONTEXT))
        .flatMap(ContextFile.Entry::keyFile)
        .map(Path::of);
  }

  private static void unchanged(SingleProcess singleProcess, String other) {
    System.out.println(
        ("context   unchanged, because `%s` refers to %s, which is in use: for this control plane,"
                + " run `weir context set NAME --server %s --gateway %s --key-file %s`")
            .formatted(
                CONTEXT,
                other,
                singleProcess.control(),
                singleProcess.gateway(),
                singleProcess.adminKeyFile()));
  }

  private static void noKey(SingleProcess singleProcess) {
    System.out.println(
        "context   not written, because no key file has a valid key: run `weir context set %s --server %s --key-file FILE`"
            .formatted(CONTEXT, singleProcess.control()));
  }
}
