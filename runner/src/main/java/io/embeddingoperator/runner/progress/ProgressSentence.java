package io.embeddingoperator.runner.progress;

import io.embeddingoperator.api.contract.Progress;
import java.util.Locale;

/** Progress in words. */
public final class ProgressSentence {
    private ProgressSentence() {}

    /** Documents by outcome, leaving out what is zero. */
    public static String counts(Progress progress) {
        Progress.Documents documents = progress.committed().documents();
        StringBuilder words = new StringBuilder(number(documents.embedded())).append(" documents embedded");
        if (documents.skipped() > 0) {
            words.append(", ").append(number(documents.skipped())).append(" unchanged");
        }
        if (documents.failed() > 0) {
            words.append(", ").append(number(documents.failed())).append(" failed");
        }
        return words.toString();
    }

    /** What the whole run has cost, with a comma in front; nothing where it costs nothing. */
    public static String cost(Progress progress) {
        Progress.Whole whole = progress.whole();
        if (whole == null || whole.costUsd() == null) {
            return "";
        }
        String cost = ", %s USD".formatted(whole.costUsd());
        return whole.estimatedCostUsd() == null
                ? cost
                : "%s, %s of it estimated where the provider did not tell its bill"
                        .formatted(cost, whole.estimatedCostUsd());
    }

    /** Documents that wait for a batch, with a comma in front; nothing where there are none, or bytes alone are counted. */
    public static String waiting(Progress progress) {
        Progress.Documents documents = progress.committed().documents();
        long waiting =
                documents.total() == null ? 0 : progress.committed().work().done() - documents.finished();
        return waiting > 0 ? ", " + number(waiting) + " read and not embedded yet" : "";
    }

    /** Rates and the time that is left, with a comma in front. */
    public static String rates(Progress progress) {
        String rates = String.format(
                Locale.ROOT,
                ", %.0f documents/s, %.0f tokens/s",
                progress.pace().documentsPerSecond(),
                progress.pace().tokensPerSecond());
        return progress.pace().secondsLeft() == null
                ? rates
                : rates + ", " + duration(progress.pace().secondsLeft()) + " left";
    }

    /** What the process waits for, with a semicolon in front; nothing while it works. */
    public static String standstill(Progress progress) {
        return progress.waiting() == null
                ? ""
                : "; waits: " + progress.waiting().sentence();
    }

    /** For example 1,234,567. */
    public static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** For example 12 bytes, 1.5 kB or 2.3 GB. */
    public static String bytes(long bytes) {
        String[] units = {"bytes", "kB", "MB", "GB", "TB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1_000 && unit < units.length - 1) {
            value /= 1_000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }

    /** For example 45 s, 3 min 20 s, 2 h 5 min or 4 d 3 h. */
    public static String duration(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return "%d min %d s".formatted(seconds / 60, seconds % 60);
        }
        if (seconds < 86_400) {
            return "%d h %d min".formatted(seconds / 3_600, seconds % 3_600 / 60);
        }
        return "%d d %d h".formatted(seconds / 86_400, seconds % 86_400 / 3_600);
    }
}
