package io.embeddingoperator.runner.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.embeddingoperator.api.contract.PrintableText;
import java.util.Map;
import java.util.OptionalInt;
import org.slf4j.LoggerFactory;

/**
 * Log lines as JSON with the sentence as {@code message}, and with {@code job}, {@code run} and {@code shard} on each line of
 * a process once it knows them. They belong to the process and not to one of its threads, so no MDC could hold them.
 */
public final class JsonLines extends JsonEncoder {
    private static final String JOB = "job";
    private static final String RUN = "run";
    private static final String SHARD = "shard";

    public JsonLines() {
        setWithSequenceNumber(false);
        setWithNanoseconds(false);
        setWithContext(false);
        setWithMDC(false);
        setWithMessage(false);
        setWithArguments(false);
    }

    /** Names the job on all later lines. */
    public static void name(String job, int run, OptionalInt shard) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.putProperty(JOB, job);
        context.putProperty(RUN, Integer.toString(run));
        shard.ifPresent(index -> context.putProperty(SHARD, Integer.toString(index)));
    }

    @Override
    protected void appendCustomFields(StringBuilder line, ILoggingEvent event) {
        Map<String, String> process = event.getLoggerContextVO().getPropertyMap();
        line.append(",\"message\":").append(quoted(PrintableText.of(String.valueOf(event.getFormattedMessage()))));
        if (process.containsKey(JOB)) {
            line.append(",\"job\":").append(quoted(process.get(JOB)));
            line.append(",\"run\":").append(process.get(RUN));
        }
        if (process.containsKey(SHARD)) {
            line.append(",\"shard\":").append(process.get(SHARD));
        }
    }

    private static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
