// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.change.Change.Apply;
import dev.weir.control.change.Change.Delete;
import dev.weir.control.observation.Views;
import dev.weir.model.AlertChannel;
import dev.weir.model.ApiKey;
import dev.weir.model.Kind;
import dev.weir.model.Model;
import dev.weir.model.ModelVersion;
import dev.weir.model.Policy;
import dev.weir.model.Principal;
import dev.weir.model.Problem;
import dev.weir.model.Resource;
import dev.weir.model.ResourceRef;
import dev.weir.model.RoleBinding;
import dev.weir.model.Rollout;
import dev.weir.model.Route;
import dev.weir.model.Service;
import dev.weir.model.Target;
import dev.weir.store.Commit;
import dev.weir.store.Commit.Effect;
import dev.weir.store.HistoryEntry;
import dev.weir.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// One resource at a time: get, list, history, put, delete.
///
/// Get and list show the current state: `status.message` is then the live one, of the very revision
/// that is answered with. `ETag`, revisions, history and watch are of what is stored, and a message
/// alone moves none of them.
final class ResourceCalls {
  static final int MAX_PAGE = 1_000;

  private final Store store;
  private final ChangeWriter writer;
  private final ListPages pages;
  private final Views views;

  ResourceCalls(Store store, ChangeWriter writer, ListPages pages, Views views) {
    this.store = store;
    this.writer = writer;
    this.pages = pages;
    this.views = views;
  }

  ApiResponse get(Kind kind, ApiCall call) {
    return resource(200, live(found(store, call.ref(kind))));
  }

  ApiResponse list(Kind kind, ApiCall call) {
    int limit = call.limit(MAX_PAGE);
    String of = kind.plural() + "/" + call.namespace();
    Optional<String> token = Optional.ofNullable(call.query().get("continue"));
    ListPages.Page page =
        token.isPresent()
            ? pages.next(of, token.get(), limit)
            : pages.first(listing(of, kind, call), limit);
    ObjectNode body = ApiJson.object();
    ArrayNode items = body.putArray("items");
    page.items().forEach(r -> items.add(ApiJson.resource(live(r))));
    body.put("revision", page.revision());
    page.next().ifPresent(next -> body.put("continue", next));
    return ApiResponse.json(200, body);
  }

  ApiResponse history(Kind kind, ApiCall call) {
    ResourceRef ref = call.ref(kind);
    List<HistoryEntry> entries = store.history(ref, call.limit(MAX_PAGE));
    if (entries.isEmpty()) {
      throw missing(ref);
    }
    ObjectNode body = ApiJson.object();
    ArrayNode items = body.putArray("items");
    for (HistoryEntry entry : entries) {
      ObjectNode item = items.addObject();
      item.put("revision", entry.revision());
      item.put("at", entry.at().toString());
      item.put("deleted", entry.deleted());
      item.set("resource", ApiJson.resource(entry.resource()));
    }
    return ApiResponse.json(200, body);
  }

  ApiResponse put(Kind kind, ApiCall call) {
    ResourceRef ref = call.ref(kind);
    Resource resource =
        writer.usable(call, call.namespace(), set -> requireNamed(ref, set)).getFirst();
    OptionalLong expected = Preconditions.expected(call, store, ref);
    Commit.Done done = writer.commit(new Apply(resource, expected), call);
    Commit.Result result = done.results().getFirst();
    return resource(result.effect() == Effect.CREATED ? 201 : 200, result.resource());
  }

  ApiResponse delete(Kind kind, ApiCall call) {
    ResourceRef ref = call.ref(kind);
    Optional<Resource> stored = store.get(ref);
    stored.ifPresent(resource -> writer.requireRight(call, List.of(resource)));
    if (stored.isEmpty()) {
      throw missing(ref);
    }
    OptionalLong expected = Preconditions.expected(call, store, ref);
    Commit.Done done = writer.commit(new Delete(ref, expected), call);
    return ApiResponse.json(200, WriteResultJson.answer(done));
  }

  private Resource live(Resource resource) {
    return views.progress(resource).map(message -> saying(message, resource)).orElse(resource);
  }

  private static Resource saying(String message, Resource resource) {
    return switch (resource) {
      case Service service -> service.withStatus(service.status().withMessage(message));
      case Rollout rollout -> rollout.withStatus(rollout.status().withMessage(message));
      case Model _, ModelVersion _, Target _, Route _ -> resource;
      case Principal _, RoleBinding _, ApiKey _, AlertChannel _, Policy _ -> resource;
    };
  }

  static Resource found(Store store, ResourceRef ref) {
    return store.get(ref).orElseThrow(() -> missing(ref));
  }

  static ProblemException missing(ResourceRef ref) {
    return ProblemException.of(ProblemType.NOT_FOUND, "there is no " + ref);
  }

  /// A resource as an answer, with its revision as `ETag`.
  static ApiResponse.Whole resource(int status, Resource resource) {
    return ApiResponse.json(
        status, ApiJson.resource(resource), Preconditions.etag(resource.metadata().revision()));
  }

  /// The revision is read first: whoever watches from it may see a change again, but misses none.
  private ListPages.Listing listing(String of, Kind kind, ApiCall call) {
    long revision = store.revision();
    return new ListPages.Listing(of, revision, store.list(kind, call.namespace()));
  }

  /// A PUT's body is one resource, the one that the path names.
  private static void requireNamed(ResourceRef ref, List<Resource> documents) {
    if (documents.size() != 1) {
      throw ProblemException.of(
          ProblemType.INVALID,
          "the body must hold the one resource " + ref + ", not " + documents.size());
    }
    ResourceRef given = documents.getFirst().ref();
    var problems = new ArrayList<Problem>();
    differs("kind", given.kind().text(), ref.kind().text(), problems);
    differs("metadata.namespace", given.namespace(), ref.namespace(), problems);
    differs("metadata.name", given.name(), ref.name(), problems);
    if (!problems.isEmpty()) {
      throw ProblemException.of(ProblemType.INVALID, problems);
    }
  }

  private static void differs(String path, String given, String named, List<Problem> problems) {
    if (!given.equals(named)) {
      problems.add(new Problem(path, given, "the path says " + named));
    }
  }
}
