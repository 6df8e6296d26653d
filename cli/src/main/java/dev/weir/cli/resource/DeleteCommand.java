// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CliException;
import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.ExitStatus;
import dev.weir.cli.session.OutputFormat;
import dev.weir.client.ApplyResponse;
import dev.weir.model.Resource;
import dev.weir.model.codec.Json;
import dev.weir.model.value.Kind;
import dev.weir.model.value.ResourceRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `weir delete`: deletes one resource by name, or those of manifests.
@Command(name = "delete", description = "Delete resources by name or from manifests.")
public final class DeleteCommand implements Callable<Integer> {
  private final CommandSession session;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "KIND",
      completionCandidates = ResourceArgument.KindWords.class,
      description = "kind of the resource")
  private Optional<String> kind = Optional.empty();

  @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "its name")
  private Optional<String> name = Optional.empty();

  @Option(
      names = {"-f", "--filename"},
      paramLabel = "FILE|DIR|-",
      description = "manifests, YAML or JSON; may be given again")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "reason, recorded in the audit log")
  private String reason = "";

  public DeleteCommand(CommandSession session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    OutputFormat format = session.format();
    if (files.isEmpty() == kind.isEmpty()) {
      throw CliException.usage("give either KIND NAME or -f");
    }
    List<ApplyResponse.Result> results = new ArrayList<>();
    long revision = 0;
    for (ResourceRef ref : refs()) {
      ApplyResponse response = session.client().delete(ref, OptionalLong.empty(), reason);
      results.addAll(response.results());
      revision = response.revision();
      if (!format.document()) {
        response
            .results()
            .forEach(result -> session.line(WriteResultText.line(result, false, session)));
        noteRemaining(ref);
      }
    }
    if (format.document()) {
      session.document(
          Json.tree(new ApplyResponse(results, revision, false, List.of(), List.of())));
    }
    return ExitStatus.OK;
  }

  private void noteRemaining(ResourceRef ref) {
    if (ref.kind() == Kind.API_KEY) {
      session.note(
          "the principal of key %s and its role bindings remain; list them with `weir get principals` and `weir get rolebindings -n %s`"
              .formatted(ref.name(), ref.namespace()));
    }
  }

  /// Deletes in reverse order, because later manifests depend on earlier ones.
  private List<ResourceRef> refs() {
    return kind.isPresent()
        ? List.of(ResourceArgument.one(kind.get(), name, session))
        : ManifestFiles.read(files, session).reversed().stream().map(Resource::ref).toList();
  }
}
