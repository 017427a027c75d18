package io.embeddingoperator.runner.logging;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.embeddingoperator.api.contract.PrintableText;

/** The message of a log line in text, of which no library and no word of others makes two. */
public final class PrintableMessage extends MessageConverter {
    @Override
    public String convert(ILoggingEvent event) {
        return PrintableText.of(String.valueOf(super.convert(event)));
    }
}
