package io.embeddingoperator.operator.config;

import java.util.Set;

/**
 * How log lines are written.
 *
 * @param format json or text
 * @param level the least level that is written
 */
public record LogSettings(String format, String level) {
    private static final Set<String> FORMATS = Set.of("json", "text");
    private static final Set<String> LEVELS = Set.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR");

    public LogSettings {
        Setting.check(FORMATS.contains(format), OperatorVariable.LOG_FORMAT, format, "use json or text");
        Setting.check(
                LEVELS.contains(level), OperatorVariable.LOG_LEVEL, level, "use TRACE, DEBUG, INFO, WARN or ERROR");
    }
}
