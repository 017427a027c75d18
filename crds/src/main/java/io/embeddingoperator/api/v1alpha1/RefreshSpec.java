package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * When the operator starts a run by itself, which brings the table up to date: what has not changed is skipped.
 *
 * @param schedule in the five fields of cron: minute, hour, day of the month, month and day of the week, for example {@code 0 3 * * *}
 *     for three o'clock every night; what is due while a run is at work, or while the job is suspended, is done once after that
 * @param timeZone whose clock the schedule means, by its name in the tz database, for example Europe/Berlin
 * @param historyLimit how many finished runs keep their pods and logs beside the latest one, for example 3; podRetentionSeconds
 *     may remove them earlier
 */
public record RefreshSpec(
        @Required @Size(max = Limit.SCHEDULE) @Pattern(Field.NOT_BLANK)
        String schedule,

        @Default("Etc/UTC") @Size(max = Limit.LABEL) @Pattern(Field.NOT_BLANK)
        String timeZone,

        @Default("3") @Min(0) @Max(Limit.FINISHED_RUNS) Integer historyLimit) {
    public RefreshSpec {
        Field.requiredText(schedule, "spec.refresh.schedule", "say when, such as 0 3 * * *");
        timeZone = Field.orElse(timeZone, "Etc/UTC");
        Field.requiredText(timeZone, "spec.refresh.timeZone", "name a time zone, such as Europe/Berlin");
        historyLimit =
                Field.between(Field.orElse(historyLimit, 3), 0, Limit.FINISHED_RUNS, "spec.refresh.historyLimit");
    }
}
