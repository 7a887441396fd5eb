// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import io.e2relay.protocol.bus.wire.AccountChangedHint;
import io.e2relay.protocol.bus.wire.AddCall;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.bus.wire.BackupTermsCall;
import io.e2relay.protocol.bus.wire.BackupTermsReply;
import io.e2relay.protocol.bus.wire.BadWrapCall;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.CreateCall;
import io.e2relay.protocol.bus.wire.DeleteBackupCall;
import io.e2relay.protocol.bus.wire.DetachCall;
import io.e2relay.protocol.bus.wire.DetachReply;
import io.e2relay.protocol.bus.wire.DeviceWrapsCall;
import io.e2relay.protocol.bus.wire.DeviceWrapsReply;
import io.e2relay.protocol.bus.wire.DevicesCall;
import io.e2relay.protocol.bus.wire.DevicesReply;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.GetAccountsCall;
import io.e2relay.protocol.bus.wire.GetAccountsReply;
import io.e2relay.protocol.bus.wire.GetCall;
import io.e2relay.protocol.bus.wire.GetEpochsCall;
import io.e2relay.protocol.bus.wire.GetEpochsReply;
import io.e2relay.protocol.bus.wire.GetSelfCall;
import io.e2relay.protocol.bus.wire.GetSelfReply;
import io.e2relay.protocol.bus.wire.GetWrapsCall;
import io.e2relay.protocol.bus.wire.GetWrapsReply;
import io.e2relay.protocol.bus.wire.HeadsCall;
import io.e2relay.protocol.bus.wire.HeadsReply;
import io.e2relay.protocol.bus.wire.JoinCall;
import io.e2relay.protocol.bus.wire.LeaveCall;
import io.e2relay.protocol.bus.wire.ListCall;
import io.e2relay.protocol.bus.wire.ListReply;
import io.e2relay.protocol.bus.wire.MemberReadyHint;
import io.e2relay.protocol.bus.wire.MembershipCall;
import io.e2relay.protocol.bus.wire.MembershipReply;
import io.e2relay.protocol.bus.wire.MissedHint;
import io.e2relay.protocol.bus.wire.OpenBackupCall;
import io.e2relay.protocol.bus.wire.OpenBackupReply;
import io.e2relay.protocol.bus.wire.ProbeCall;
import io.e2relay.protocol.bus.wire.ProbeReply;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.bus.wire.PutBackupCall;
import io.e2relay.protocol.bus.wire.PutEpochCall;
import io.e2relay.protocol.bus.wire.PutEpochReply;
import io.e2relay.protocol.bus.wire.PutGrantCall;
import io.e2relay.protocol.bus.wire.PutSelfCall;
import io.e2relay.protocol.bus.wire.ReadCall;
import io.e2relay.protocol.bus.wire.ReadReply;
import io.e2relay.protocol.bus.wire.RemoveCall;
import io.e2relay.protocol.bus.wire.RetireDeviceCall;
import io.e2relay.protocol.bus.wire.RosterCall;
import io.e2relay.protocol.bus.wire.RosterReply;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.bus.wire.TakeWrapJobsCall;
import io.e2relay.protocol.bus.wire.TakeWrapJobsReply;
import io.e2relay.protocol.bus.wire.UpgradeCall;
import io.e2relay.protocol.bus.wire.UserStatesCall;
import io.e2relay.protocol.bus.wire.UserStatesReply;
import io.e2relay.protocol.bus.wire.UsersChangedHint;
import io.e2relay.protocol.bus.wire.WrapJobsHint;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Everything that is said on the bus: the only place that knows addresses.
public final class Calls {
  public static final Call<AppendCall, AppendReply> APPEND = new Call<>("store.append", AppendCall.class,
      AppendReply.class);
  public static final Call<ReadCall, ReadReply> READ = new Call<>("store.read", ReadCall.class, ReadReply.class);
  public static final Call<HeadsCall, HeadsReply> HEADS = new Call<>("store.heads", HeadsCall.class, HeadsReply.class);

  public static final Call<ProbeCall, ProbeReply> PROBE = new Call<>("store.probe", ProbeCall.class, ProbeReply.class);

  public static final Call<SignInCall, SignInReply> SIGN_IN = new Call<>("keys.sign-in", SignInCall.class,
      SignInReply.class);
  public static final Call<PutAccountCall, DoneReply> PUT_ACCOUNT = new Call<>("keys.put-account", PutAccountCall.class,
      DoneReply.class);
  public static final Call<GetAccountsCall, GetAccountsReply> GET_ACCOUNTS = new Call<>("keys.get-accounts",
      GetAccountsCall.class, GetAccountsReply.class);
  public static final Call<DeviceWrapsCall, DeviceWrapsReply> DEVICE_WRAPS = new Call<>("keys.device-wraps",
      DeviceWrapsCall.class, DeviceWrapsReply.class);
  public static final Call<PutBackupCall, DoneReply> PUT_BACKUP = new Call<>("keys.put-backup", PutBackupCall.class,
      DoneReply.class);
  public static final Call<BackupTermsCall, BackupTermsReply> BACKUP_TERMS = new Call<>("keys.backup-terms",
      BackupTermsCall.class, BackupTermsReply.class);
  public static final Call<OpenBackupCall, OpenBackupReply> OPEN_BACKUP = new Call<>("keys.open-backup",
      OpenBackupCall.class, OpenBackupReply.class);
  public static final Call<DeleteBackupCall, DoneReply> DELETE_BACKUP = new Call<>("keys.delete-backup",
      DeleteBackupCall.class, DoneReply.class);
  public static final Call<PutSelfCall, DoneReply> PUT_SELF = new Call<>("keys.put-self", PutSelfCall.class,
      DoneReply.class);
  public static final Call<GetSelfCall, GetSelfReply> GET_SELF = new Call<>("keys.get-self", GetSelfCall.class,
      GetSelfReply.class);
  public static final Call<CreateCall, ConversationReply> CREATE = new Call<>("keys.create", CreateCall.class,
      ConversationReply.class);
  public static final Call<GetCall, ConversationReply> GET = new Call<>("keys.get", GetCall.class,
      ConversationReply.class);
  public static final Call<ListCall, ListReply> LIST = new Call<>("keys.list", ListCall.class, ListReply.class);
  public static final Call<AddCall, ConversationReply> ADD = new Call<>("keys.add", AddCall.class,
      ConversationReply.class);
  public static final Call<RemoveCall, ConversationReply> REMOVE = new Call<>("keys.remove", RemoveCall.class,
      ConversationReply.class);
  public static final Call<LeaveCall, ConversationReply> LEAVE = new Call<>("keys.leave", LeaveCall.class,
      ConversationReply.class);
  public static final Call<JoinCall, ConversationReply> JOIN = new Call<>("keys.join", JoinCall.class,
      ConversationReply.class);
  public static final Call<MembershipCall, MembershipReply> MEMBERSHIP = new Call<>("keys.membership",
      MembershipCall.class, MembershipReply.class);
  public static final Call<RosterCall, RosterReply> ROSTER = new Call<>("keys.roster", RosterCall.class,
      RosterReply.class);

  public static final Call<UserStatesCall, UserStatesReply> USER_STATES = new Call<>("keys.user-states",
      UserStatesCall.class, UserStatesReply.class);

  public static final Call<UpgradeCall, ConversationReply> UPGRADE = new Call<>("keys.upgrade", UpgradeCall.class,
      ConversationReply.class);
  public static final Call<PutEpochCall, PutEpochReply> PUT_EPOCH = new Call<>("keys.put-epoch", PutEpochCall.class,
      PutEpochReply.class);
  public static final Call<GetEpochsCall, GetEpochsReply> GET_EPOCHS = new Call<>("keys.get-epochs",
      GetEpochsCall.class, GetEpochsReply.class);
  public static final Call<GetWrapsCall, GetWrapsReply> GET_WRAPS = new Call<>("keys.get-wraps", GetWrapsCall.class,
      GetWrapsReply.class);
  public static final Call<PutGrantCall, DoneReply> PUT_GRANT = new Call<>("keys.put-grant", PutGrantCall.class,
      DoneReply.class);
  public static final Call<BadWrapCall, DoneReply> BAD_WRAP = new Call<>("keys.bad-wrap", BadWrapCall.class,
      DoneReply.class);
  public static final Call<TakeWrapJobsCall, TakeWrapJobsReply> TAKE_WRAP_JOBS = new Call<>("keys.take-wrap-jobs",
      TakeWrapJobsCall.class, TakeWrapJobsReply.class);
  public static final Call<RetireDeviceCall, DoneReply> RETIRE_DEVICE = new Call<>("keys.retire-device",
      RetireDeviceCall.class, DoneReply.class);

  public static final Call<DetachCall, DetachReply> DETACH = new Call<>("relay.detach", DetachCall.class,
      DetachReply.class);
  public static final Call<DevicesCall, DevicesReply> DEVICES = new Call<>("relay.devices", DevicesCall.class,
      DevicesReply.class);
  public static final Hint<CommittedHint> COMMITTED = new Hint<>("relay.committed", CommittedHint.class);
  public static final Hint<AccountChangedHint> ACCOUNT_CHANGED = new Hint<>("relay.account-changed",
      AccountChangedHint.class);
  public static final Hint<MemberReadyHint> MEMBER_READY = new Hint<>("relay.member-ready", MemberReadyHint.class);
  public static final Hint<WrapJobsHint> WRAP_JOBS = new Hint<>("relay.wrap-jobs", WrapJobsHint.class);
  public static final Hint<UsersChangedHint> USERS_CHANGED = new Hint<>("relay.users-changed", UsersChangedHint.class);
  /// Told on one node only, by its links: what others told may not have arrived.
  public static final Hint<MissedHint> MISSED = new Hint<>("relay.missed", MissedHint.class);

  private static final Map<String, Call<?, ?>> CALLS = all().stream()
      .collect(Collectors.toUnmodifiableMap(Call::address, Function.identity()));
  private static final Map<String, Hint<?>> HINTS = hints().stream()
      .collect(Collectors.toUnmodifiableMap(Hint::address, Function.identity()));

  private Calls() {
  }

  static @Nullable Call<?, ?> call(String address) {
    return CALLS.get(address);
  }

  static @Nullable Hint<?> hint(String address) {
    return HINTS.get(address);
  }

  static List<Call<?, ?>> all() {
    return List.of(APPEND, READ, HEADS, PROBE, SIGN_IN, PUT_ACCOUNT, GET_ACCOUNTS, DEVICE_WRAPS, PUT_BACKUP,
        BACKUP_TERMS, OPEN_BACKUP, DELETE_BACKUP, PUT_SELF, GET_SELF, CREATE, GET, LIST, ADD, REMOVE, LEAVE, JOIN,
        MEMBERSHIP, ROSTER, USER_STATES, UPGRADE, PUT_EPOCH, GET_EPOCHS, GET_WRAPS, PUT_GRANT, BAD_WRAP, TAKE_WRAP_JOBS,
        RETIRE_DEVICE, DETACH, DEVICES);
  }

  static List<Hint<?>> hints() {
    return List.of(COMMITTED, ACCOUNT_CHANGED, MEMBER_READY, WRAP_JOBS, USERS_CHANGED, MISSED);
  }
}
