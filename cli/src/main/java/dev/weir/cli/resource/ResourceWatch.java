// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli.resource;

import dev.weir.cli.session.CommandSession;
import dev.weir.cli.session.OutputFormat;
import dev.weir.cli.text.ResourceText;
import dev.weir.client.Listing;
import dev.weir.client.Watch;
import dev.weir.client.WatchEvent;
import dev.weir.model.Resource;
import dev.weir.model.codec.Manifests;
import dev.weir.model.value.Kind;
import java.util.List;
import java.util.Optional;

/// Prints resources of one kind and then each change, until interrupted.
final class ResourceWatch {
  private final CommandSession session;
  private final Kind kind;
  private final Optional<String> name;
  private final OutputFormat format;
  private boolean headerPrinted;

  /// @param name empty selects all
  ResourceWatch(CommandSession session, Kind kind, Optional<String> name, OutputFormat format) {
    this.session = session;
    this.kind = kind;
    this.name = name;
    this.format = format;
  }

  void run(Listing from) throws InterruptedException {
    Listing listing = from;
    while (true) {
      show(listing.items().stream().filter(this::matches).toList());
      listing = changes(listing.revision());
    }
  }

  /// Follows changes until the history is compacted, then returns a new list to continue from.
  private Listing changes(long after) throws InterruptedException {
    try (Watch watch = session.client().watch(after, List.of(kind))) {
      while (true) {
        switch (watch.next()) {
          case WatchEvent.Put(long _, Resource resource) -> changed(resource);
          case WatchEvent.Deleted(long revision, Resource resource) -> deleted(resource, revision);
          case WatchEvent.Relist _ -> {
            return session.client().list(kind, session.namespace());
          }
        }
      }
    }
  }

  private void changed(Resource resource) {
    if (matches(resource)) {
      show(List.of(resource));
    }
  }

  private void deleted(Resource resource, long revision) {
    if (matches(resource)) {
      session.note(resource.ref() + " deleted (revision " + revision + ")");
    }
  }

  private boolean matches(Resource resource) {
    boolean inNamespace =
        !kind.namespaced() || resource.metadata().namespace().equals(session.namespace());
    return inNamespace && (name.isEmpty() || name.get().equals(resource.metadata().name()));
  }

  private void show(List<Resource> resources) {
    switch (format) {
      case JSON -> resources.forEach(resource -> session.line(Manifests.toJson(resource)));
      case YAML -> resources.forEach(r -> session.text("---\n" + Manifests.toYaml(r)));
      case TABLE, WIDE, MARKDOWN -> rows(resources);
    }
  }

  private void rows(List<Resource> resources) {
    if (resources.isEmpty()) {
      return;
    }
    String text =
        ResourceText.table(
                kind, resources, session.serving(kind), format == OutputFormat.WIDE, session.now())
            .render(session.style());
    session.text(headerPrinted ? text.substring(text.indexOf('\n') + 1) : text);
    headerPrinted = true;
  }
}
