// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.channel;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;

/// Sends a mail over SMTP.
final class SmtpSender {
  private SmtpSender() {}

  static DeliveryResult send(Message.Mail mail, Duration connect, Duration whole) {
    Session session = Session.getInstance(settings(mail, connect, whole));
    try (Transport transport = session.getTransport("smtp")) {
      transport.connect(
          mail.host(), mail.port(), mail.username().orElse(null), mail.password().orElse(null));
      MimeMessage message = message(mail, session);
      transport.sendMessage(message, message.getAllRecipients());
      return new DeliveryResult.Accepted("handed over to " + mail.host());
    } catch (AuthenticationFailedException e) {
      return new DeliveryResult.Rejected("the login was refused: " + describe(e));
    } catch (SMTPSendFailedException e) {
      return e.getReturnCode() >= 500
          ? new DeliveryResult.Rejected(describe(e))
          : MessageSender.later(describe(e));
    } catch (AddressException e) {
      return new DeliveryResult.Rejected(describe(e));
    } catch (MessagingException e) {
      return MessageSender.later(describe(e));
    }
  }

  private static Properties settings(Message.Mail mail, Duration connect, Duration whole) {
    Properties settings = new Properties();
    settings.setProperty("mail.smtp.connectiontimeout", Long.toString(connect.toMillis()));
    settings.setProperty("mail.smtp.timeout", Long.toString(whole.toMillis()));
    settings.setProperty("mail.smtp.writetimeout", Long.toString(whole.toMillis()));
    settings.setProperty("mail.smtp.starttls.enable", Boolean.toString(mail.startTls()));
    settings.setProperty("mail.smtp.starttls.required", Boolean.toString(mail.startTls()));
    settings.setProperty("mail.smtp.ssl.checkserveridentity", "true");
    settings.setProperty("mail.smtp.auth", Boolean.toString(mail.username().isPresent()));
    settings.setProperty("mail.smtp.localhost", "weir.local");
    return settings;
  }

  private static MimeMessage message(Message.Mail mail, Session session) throws MessagingException {
    MimeMessage message = new Named(session);
    message.setFrom(new InternetAddress(mail.from()));
    for (String to : mail.to()) {
      message.addRecipient(RecipientType.TO, new InternetAddress(to));
    }
    message.setSubject(mail.subject(), StandardCharsets.UTF_8.name());
    message.setText(mail.text(), StandardCharsets.UTF_8.name());
    for (var header : mail.headers().entrySet()) {
      message.setHeader(header.getKey(), header.getValue());
    }
    return message;
  }

  /// A message that keeps its given id, so that a repeated mail has the same id.
  private static final class Named extends MimeMessage {
    Named(Session session) {
      super(session);
    }

    @Override
    protected void updateMessageID() throws MessagingException {
      if (getHeader("Message-ID") == null) {
        super.updateMessageID();
      }
    }
  }

  private static String describe(MessagingException e) {
    return MessageJson.cut(String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " "), 200);
  }
}
