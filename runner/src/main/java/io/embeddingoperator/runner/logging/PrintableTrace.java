package io.embeddingoperator.runner.logging;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.IThrowableProxy;
import io.embeddingoperator.api.contract.PrintableText;
import java.util.stream.Collectors;

/** The trace of an error in a text log: its lines are kept, and each is printable. */
public final class PrintableTrace extends ThrowableProxyConverter {
    @Override
    protected String throwableProxyToString(IThrowableProxy failure) {
        return super.throwableProxyToString(failure)
                .lines()
                .map(PrintableTrace::line)
                .collect(Collectors.joining(System.lineSeparator(), "", System.lineSeparator()));
    }

    /** A line of the trace itself begins with a tab. */
    private static String line(String line) {
        String rest = line.stripLeading();
        return "    ".repeat(line.startsWith("\t") ? 1 : 0) + PrintableText.of(rest);
    }
}
