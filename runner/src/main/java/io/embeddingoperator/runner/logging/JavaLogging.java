package io.embeddingoperator.runner.logging;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Sends what libraries log by java.util.logging through the same appender as all else. By itself it would go to standard
 * error in a form of its own.
 */
public final class JavaLogging {
    /** Held, because the JDK forgets the level of a logger that nothing refers to. */
    private static final Logger DRIVER = Logger.getLogger("org.postgresql");

    private JavaLogging() {}

    /** For the whole process. */
    public static void install() {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        // The driver logs parts of a malformed URI, which may hold a password; each of its failures is thrown as well.
        DRIVER.setLevel(Level.OFF);
    }
}
