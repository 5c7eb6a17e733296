#pragma once

/// Where the floor is measured: a libpq connection string, and a broker.
struct floor_servers {
  const char *database;
  const char *broker_host;
  int broker_port;
  const char *broker_user;
  const char *broker_password;
};

/// Does the least durable work that `journeys` journeys cost on these servers: five stages (intake, approval,
/// provisioning, expiry, delivered), each with connections of its own, passing messages over durable quorum queues,
/// each batch one transaction of bare COPY, persistent publishing with confirms, then the acknowledgement. No
/// dedupe, no decoding, no policy: a lower bound to divide by.
/// @return the seconds it took; negative when a server failed, with the reason in `error`.
double floor_run(const struct floor_servers *servers, int journeys, int batch, char *error, int error_size);
