// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.control.alert.Notifier;
import dev.weir.control.channel.DeliveryResult;
import dev.weir.control.channel.Message;
import dev.weir.control.channel.MessageFormatter;
import dev.weir.control.channel.MessageTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Everybody who is told something: what was posted where, and what they answer.
public final class FakeReceivers implements MessageTransport {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final DeliveryResult TAKEN = new DeliveryResult.Accepted("204");

  final List<Message> messages = new ArrayList<>();

  /// By URL; who is not named takes everything.
  final Map<String, DeliveryResult> answers = new TreeMap<>();

  Notifier notifier() {
    return new Notifier(
        new MessageFormatter(reference -> "secret of " + reference),
        this,
        () -> "http://weir:7070");
  }

  @Override
  public DeliveryResult send(Message message) {
    messages.add(message);
    return message instanceof Message.Post post
        ? answers.getOrDefault(post.to().toString(), TAKEN)
        : TAKEN;
  }

  /// The CloudEvents that were posted there, taken or not.
  public List<JsonNode> events(String url) {
    return posts(url).stream().map(JSON::readTree).toList();
  }

  List<String> posts(String url) {
    return messages.stream()
        .filter(message -> message instanceof Message.Post post && post.to().toString().equals(url))
        .map(message -> ((Message.Post) message).body())
        .toList();
  }

  /// What was told there: event and status, in order.
  public List<String> received(String url) {
    return events(url).stream()
        .map(event -> event.path("data"))
        .map(data -> data.path("event").asString() + " " + data.path("status").asString())
        .toList();
  }
}
