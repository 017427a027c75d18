package io.embeddingoperator.operator.desired;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.embeddingoperator.api.v1alpha1.RefreshSpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Objects;

/** The times at which runs of a job start by themselves. */
public final class RefreshSchedule {
    private static final CronParser PARSER = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

    private final ExecutionTime times;
    private final ZoneId zone;

    private RefreshSchedule(ExecutionTime times, ZoneId zone) {
        this.times = times;
        this.zone = zone;
    }

    /** @throws SpecificationProblem when there are no such times, or no such time zone */
    public static RefreshSchedule of(RefreshSpec spec) {
        RefreshSchedule schedule = new RefreshSchedule(times(spec), zone(spec));
        if (schedule.times.nextExecution(Instant.EPOCH.atZone(schedule.zone)).isEmpty()) {
            throw problem("spec.refresh.schedule is '%s', a time that never comes: correct its day or month"
                    .formatted(spec.schedule()));
        }
        return schedule;
    }

    /** The first of the times that comes after a moment. */
    public Instant after(Instant moment) {
        return times.nextExecution(moment.atZone(zone)).orElseThrow().toInstant();
    }

    private static ExecutionTime times(RefreshSpec spec) {
        try {
            return ExecutionTime.forCron(PARSER.parse(spec.schedule()).validate());
        } catch (IllegalArgumentException e) {
            throw problem(
                    "spec.refresh.schedule is '%s': %s; give minute, hour, day of the month, month and day of the week, such as 0 3 * * *"
                            .formatted(
                                    spec.schedule(),
                                    Objects.requireNonNullElse(e.getMessage(), "it is no schedule of cron")));
        }
    }

    private static ZoneId zone(RefreshSpec spec) {
        try {
            return ZoneId.of(spec.timeZone());
        } catch (DateTimeException _) {
            throw problem(
                    "spec.refresh.timeZone is '%s', which no time zone is called: use a name of the tz database, such as Europe/Berlin"
                            .formatted(spec.timeZone()));
        }
    }

    private static SpecificationProblem problem(String sentence) {
        return new SpecificationProblem(SpecificationProblem.Reason.InvalidSpecification, sentence);
    }
}
