package io.embeddingoperator.runner.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

/** The configuration that the runner ships with, and words that want to be more than a line of it. */
class LogSafetyTest {
    private static final String HOSTILE = "one\u001b[2J\u009b31m\u202e\r\n12:00:00 INFO  all is well";

    private static final String CONFIGURATION = "logback.configurationFile";

    @ParameterizedTest
    @ValueSource(strings = {"text", "json"})
    void wordsOfOthersStayOneLineWithoutControls(String format) throws Exception {
        String written = logged(format, log -> log.warn("the server says {}", HOSTILE));

        assertThat(written.lines()).hasSize(1);
        assertThat(written.strip()).doesNotContainPattern("[\\p{Cc}\\p{Cf}]").contains("all is well");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text"})
    void traceOfAnErrorHasNoControlsEither(String format) throws Exception {
        String written = logged(
                format,
                log -> log.error("failed", new IllegalStateException(HOSTILE, new IllegalStateException(HOSTILE))));

        assertThat(written.replace("\n", ""))
                .doesNotContainPattern("[\\p{Cc}\\p{Cf}]")
                .contains("\\x1B[2J");
        assertThat(written)
                .contains("Caused by: java.lang.IllegalStateException")
                .contains("    at ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "json"})
    void finerLevelsAreTheRunnersOwn(String format) throws Exception {
        String library = logged(format, "io.vertx.core", log -> {
            log.trace("Authorization: Bearer secret");
            log.info("secret");
            log.warn("a warning");
        });

        assertThat(library).doesNotContain("secret").contains("a warning");
        assertThat(logged(format, log -> log.trace("a detail"))).contains("a detail");
    }

    private interface Logging {
        void to(Logger log);
    }

    private static String logged(String format, Logging logging) throws Exception {
        return logged(format, "io.embeddingoperator.runner.run.Test", logging);
    }

    private static String logged(String format, String logger, Logging logging) throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        LoggerContext context = new LoggerContext();
        try {
            System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
            context.putProperty("EMBEDDING_LOG_FORMAT", format);
            context.putProperty("EMBEDDING_LOG_LEVEL", "TRACE");
            context.setMDCAdapter(new LogbackMDCAdapter());
            System.setProperty(CONFIGURATION, "logback.xml");
            new ContextInitializer(context).autoConfig();
            logging.to(context.getLogger(logger));
        } finally {
            context.stop();
            System.clearProperty(CONFIGURATION);
            System.setErr(before);
        }
        return written.toString(StandardCharsets.UTF_8);
    }
}
