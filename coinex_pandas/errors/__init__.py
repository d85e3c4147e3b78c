"""Every error and warning of the package, drawn as a tree.

::

    CoinExError
      InvalidArgument (ValueError)     refused here, before anything was sent
      MissingExtra (ImportError)       an optional part is not installed
      ArchiveError                     a folder is no archive, or cannot be written
        ArchiveBusy                      another process writes into it
        ArchiveDamaged                   a file of it is not what was written
        NotCaptured                      what was asked for was never stored
      KeyNeeded                        a private endpoint, and no key to sign with; nothing was sent
      NotEnabled                       the session may not do this; nothing was sent
      NoData (TimeoutError)            a stream's rows did not come in time
      NoAnswer                         there is no answer: connection, time-out, 5xx gateway page
      UnexpectedBody                   the answer is not the documented JSON, or not to this request
        UnexpectedValue                  one cell is not what its column holds
      OutcomeUnknown                   a verb was sent, and nobody knows whether it was carried out
      Refused                          the exchange answered with a code other than 0
        RateLimited                      4213, 4123, HTTP status 429
        Busy                             3008, 4001, 4002
        ClockSkewed                      4010, 4017: request too old by the exchange's clock
        BadParameter                     4004, 3639, ...
        NotFound                         3600, or the answer lacks what the call is about
          UnknownMarket (BadParameter)     the market or currency does not exist
        NotAuthorized                    key, signature, address list
        NotPermitted                     the account may not do this
        MarketClosed                     4117, 4130, 4158, 4159, 3157
        BalanceTooLow                    3109
        OrderRefused                     the order itself was refused
        ServerFault                      4003

    UserWarning
      StaleDataWarning                 the exchange answers with values that no longer move
      UnverifiedWarning                the order book does not fit its checksum, or may lack a change
      ColumnsChanged                   the exchange sends a new column, or leaves out one
      IncompleteWarning                a history could not be read whole
"""

from coinex_pandas.errors.exceptions import (
    ArchiveBusy,
    ArchiveDamaged,
    ArchiveError,
    CoinExError,
    ColumnsChanged,
    IncompleteWarning,
    InvalidArgument,
    KeyNeeded,
    MissingExtra,
    NoAnswer,
    NoData,
    NotCaptured,
    NotEnabled,
    OutcomeUnknown,
    StaleDataWarning,
    UnexpectedBody,
    UnexpectedValue,
    UnverifiedWarning,
)
from coinex_pandas.errors.refusals import (
    BadParameter,
    BalanceTooLow,
    Busy,
    ClockSkewed,
    MarketClosed,
    NotAuthorized,
    NotFound,
    NotPermitted,
    OrderRefused,
    RateLimited,
    Refused,
    ServerFault,
    UnknownMarket,
)

__all__ = [
    "ArchiveBusy",
    "ArchiveDamaged",
    "ArchiveError",
    "BadParameter",
    "BalanceTooLow",
    "Busy",
    "ClockSkewed",
    "CoinExError",
    "ColumnsChanged",
    "IncompleteWarning",
    "InvalidArgument",
    "KeyNeeded",
    "MarketClosed",
    "MissingExtra",
    "NoAnswer",
    "NoData",
    "NotAuthorized",
    "NotCaptured",
    "NotEnabled",
    "NotFound",
    "NotPermitted",
    "OrderRefused",
    "OutcomeUnknown",
    "RateLimited",
    "Refused",
    "ServerFault",
    "StaleDataWarning",
    "UnexpectedBody",
    "UnexpectedValue",
    "UnknownMarket",
    "UnverifiedWarning",
]
