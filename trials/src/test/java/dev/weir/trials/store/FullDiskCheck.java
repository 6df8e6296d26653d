// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.store;

import dev.weir.client.NewKeyRequest;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Metadata;
import dev.weir.trials.clients.ClientsTrial;
import dev.weir.trials.run.TrialRun;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A disk runs full under a control plane and a gateway that serve, and is freed.
final class FullDiskCheck {
  private static final int QUESTIONS = 40;

  private final TrialRun run;
  private final Path folder;
  private final int port;

  FullDiskCheck(TrialRun run, Path folder, int port) {
    this.run = run;
    this.folder = folder;
    this.port = port;
  }

  void check() throws Exception {
    if (!StoreOperations.mounts()) {
      run.skip("a full disk: this user may not mount (root may)");
      return;
    }
    Path disk = Files.createDirectory(folder.resolve("disk"));
    try (SmallDisk weir = new SmallDisk(folder, disk, port)) {
      run.check("Weir serves from a small disk", weir.put("before") == 201, weir.errors());
      String key = serving(weir);
      run.figure("MiB that filled the disk", weir.fill());
      full(weir, key);
      weir.free();
      freed(weir, key);
      run.check("Weir is not restarted", weir.alive(), "it ended");
      run.check(
          "the log has no stack trace", !weir.errors().contains("\"stack_trace\":"), weir.errors());
      run.check(
          "the gateway log has no stack trace, and no telemetry is lost",
          !weir.gatewayErrors().contains("\"stack_trace\":")
              && !weir.gatewayErrors().contains("\"event\":\"telemetry.refused\""),
          weir.gatewayErrors());
    }
  }

  private String serving(SmallDisk weir) throws IOException, InterruptedException {
    var _ = weir.client().apply(ClientsTrial.MANIFEST, false, "trial");
    String key = inferenceKey(weir, "before");
    weir.startGateway();
    run.check(
        "a gateway on the same disk serves",
        StoreOperations.eventually(() -> weir.ask(key) == 200),
        weir.gatewayErrors());
    return key;
  }

  private void full(SmallDisk weir, String key) throws Exception {
    HttpResponse<String> refused = weir.write("full");
    run.check(
        "a full disk is a problem with Retry-After, not a stack trace",
        refused.statusCode() == 507
            && refused.body().contains("free space")
            && refused.headers().firstValue("retry-after").isPresent(),
        refused.statusCode() + " " + refused.body());
    run.check("reads work", weir.read("before") == 200, weir.errors());
    run.check("a refused write is not stored", weir.read("full") == 404, weir.errors());
    int answered = 0;
    for (int i = 0; i < QUESTIONS; i++) {
      answered += weir.ask(key) == 200 ? 1 : 0;
    }
    run.check("the gateway serves", answered == QUESTIONS, answered + ", " + weir.gatewayErrors());
  }

  private void freed(SmallDisk weir, String key) throws IOException, InterruptedException {
    run.check(
        "writes work when space is free again, without a restart",
        StoreOperations.eventually(() -> weir.put("after") / 100 == 2),
        weir.errors());
    String fresh = inferenceKey(weir, "after");
    run.check(
        "later changes reach the gateway",
        StoreOperations.eventually(() -> weir.ask(fresh) == 200),
        weir.gatewayErrors());
    run.check("keys work", weir.ask(key) == 200, weir.gatewayErrors());
  }

  private static String inferenceKey(SmallDisk weir, String name) {
    return weir.client()
        .issueKey(
            Metadata.DEFAULT_NAMESPACE,
            name,
            new NewKeyRequest(
                name, Optional.of(Role.INFERENCE), List.of(), false, Optional.empty()),
            "trial")
        .key();
  }
}
